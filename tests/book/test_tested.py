"""The page on faults says what the stored figures say, and they are as they should be."""

import json
from pathlib import Path

import pytest

from saecore.book.tested import KINDS_TRIED, failures, faults_markdown

STORED = Path(__file__).parents[2] / "book" / "results" / "faults"

STORED_KINDS = [
    name
    for name in KINDS_TRIED
    if name != "mutations" or (STORED / "mutations.json").is_file()
]
"""Mutants take hours: they stand on the page when they have been tried."""

PAGES = list((STORED.parents[1] / "notebooks").glob("*.ipynb"))


def stored(name):
    return json.loads((STORED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", STORED_KINDS)
def test_nothing_came_out_as_it_should_not(name):
    assert failures(name, stored(name)) == []


def test_as_much_was_tried_as_the_page_promises():
    assert stored("damages")["trials"] >= 1000
    assert stored("damages")["remade"] >= 10
    assert stored("races")["processes"] == 8
    assert stored("kills")["killed"] == stored("kills")["trials"] == 50


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("drift", {"unexplained": 1}),
        ("damages", {"wrong": [{"outcome": "hung"}]}),
        ("damages", {"remade_otherwise": 1}),
        ("damages", {"left": [".x.part"]}),
        ("kills", {"equal": 0}),
        ("kills", {"half_artefacts": 1}),
        ("kills", {"killed": 49}),
        ("kills", {"locked": 1}),
        ("races", {"different_answers": 2}),
        ("races", {"written": 99}),
        ("environment", {"wrong": [{"machine": "x", "came": "a crash"}]}),
    ],
)
def test_what_should_not_be_is_said(tmp_path, name, change):
    found = stored(name) | change
    assert failures(name, found)
    (tmp_path / f"{name}.json").write_text(json.dumps(found))
    assert "should not be: None" not in faults_markdown(tmp_path)


def test_what_no_comparison_would_see_is_shown():
    found, text = stored("drift"), faults_markdown(STORED)
    assert {one["page"] for one in found["rows"]} == {p.stem for p in PAGES}
    missed = sum(one["numbers"] for one in found["not_caught"])
    assert missed == found["numbers"] - found["caught"] == sum(found["why"].values())
    assert f"The other {missed:,} have a tolerance" in text


def test_every_kind_has_its_tables():
    text = faults_markdown(STORED)
    assert text.count("### ") == len(STORED_KINDS)
    assert text.count("should not be: None") == len(STORED_KINDS)
    assert f"### {stored('damages')['trials']:,} damaged artefacts" in text
    assert "/tmp" not in text


def test_without_figures_the_page_says_how_to_make_them(tmp_path):
    assert "python -m faults" in faults_markdown(tmp_path)
