"""Numbers of committed pages that move: what is seen, and what is not, and why."""

import copy
from pathlib import Path

import pytest

from faults import drift
from faults.drift import MOVED_BY, measured_leaves, numbers_of_page, put
from saecore.book import notebooks
from saecore.book.compare import MEASURED, differences, twin_mime, unglued
from saecore.report.rendering import RESULT, result_faces

PAGES = Path(__file__).parents[2] / "book" / "notebooks"
PAGE = PAGES / "absorption_thresholds.ipynb"


def test_numbers_moved_together_are_seen_as_each_one_alone():
    together = {(n.result, n.where): n.caught for n in numbers_of_page(PAGE)}
    alone = dict(moved_alone(PAGE))
    assert len(alone) > 100
    assert {key: together[key] for key in alone} == alone


def moved_alone(page):
    cells = [c for c in notebooks.read(page).cells if c.cell_type == "code"]
    for output in (unglued(o) for cell in cells for o in cell.outputs):
        mime = twin_mime(output)
        for key in MEASURED[mime] if mime else ():
            twin = output["data"][mime]
            for path, where, value, _ in measured_leaves(key, twin):
                moved = copy.deepcopy(dict(output))
                put(moved["data"][mime], path, value * (1 + MOVED_BY))
                lines = differences([output], [moved], rtol=0, atol=0)
                yield (drift.title_of(twin), where), bool(lines)


@pytest.mark.parametrize("page", ["bench", "editing", "attribute_edit"])
def test_what_is_not_seen_has_a_tolerance_as_wide_as_the_move(page):
    found = numbers_of_page(PAGES / f"{page}.ipynb")
    assert len(found) > 300
    missed = [one for one in found if one.value and not one.caught]
    assert all(one.tolerance >= MOVED_BY and one.why for one in missed)


def test_a_comparison_that_does_not_look_is_found_out(monkeypatch, tmp_path):
    (tmp_path / PAGE.name).write_bytes(PAGE.read_bytes())
    assert drift.run(tmp_path)["unexplained"] == 0
    monkeypatch.setattr(drift, "differences", lambda *_, **__: [])
    found = drift.run(tmp_path)
    assert found["caught"] == 0
    assert found["unexplained"] > 100


def result(**fields):
    twin = {"name": "x", "value": 0.2, "low": 0.1, "high": 0.4, "rtol": 1e-3}
    twin |= {"atol": 0.0, "unit": "", "paper": 0.3} | fields
    return {"output_type": "display_data", "data": {RESULT: twin} | result_faces(twin)}


@pytest.mark.parametrize(
    ("fields", "missed", "why"),
    [
        ({}, set(), ""),
        ({"rtol": 0.06}, {"value", "low", "high"}, "relative tolerance above 4.5%"),
        ({"atol": 0.012}, {"value", "low"}, "of a number that is small in its result"),
        ({"atol": 0.021}, {"value", "low", "high"}, "of the result's largest number"),
    ],
)
def test_what_makes_a_tolerance_wide_is_said(fields, missed, why):
    found = list(drift._of_output(result(**fields), 1e-3, 1e-9))
    unseen = [one for one in found if one.value and not one.caught]
    assert {one.where for one in unseen} == missed
    assert all(one.why.endswith(why) for one in unseen)
    assert "paper" in {one.where for one in found if one.caught}


def test_numbers_in_a_text_are_moved_one_at_a_time():
    text = {"output_type": "stream", "name": "stdout", "text": "3 of 4, nan, 0.50\n"}
    found = list(drift._of_output(text, 1e-3, 1e-9))
    assert [one.value for one in found] == [3, 4, 0.5]
    assert all(one.caught for one in found)
    loose = list(drift._of_output(text, 0.1, 0.0))
    assert not any(one.caught for one in loose)
