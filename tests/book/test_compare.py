"""Changing any stored number must fail by name; a rerun that rounds otherwise must
pass.
"""

import copy
import re
from typing import Any

import pytest

from saecore.book.compare import (
    NUMBER,
    close_values,
    differences,
    kind,
    misplaced_captions,
)
from saecore.book.notebooks import page_options
from saecore.report.rendering import FACES, FIGURE, HIDDEN, RESULT, TABLE, VERDICT

TWINS = {
    RESULT: {
        "name": "shared",
        "value": 0.42,
        "low": 0.4,
        "high": 0.44,
        "rtol": 0.02,
        "atol": 0.0,
        "unit": "",
        "paper": 0.5,
    },
    TABLE: {
        "name": "by_width",
        "caption": "Share by width",
        "rtol": {"shared": 0.02},
        "atol": 1e-9,
        "columns": [
            ["width", [160, 640]],
            ["shared", [0.81, 0.42]],
            ["note", ["small", None]],
        ],
    },
    FIGURE: {
        "name": "fig_width",
        "alt": "the share falls with the width",
        "caption": "Share by width.",
        "rtol": 0.01,
        "atol": 1e-9,
        "columns": [["width", [160, 640]], ["shared", [0.81, 0.42]]],
    },
    VERDICT: {
        "claim": "seed_dependence",
        "says": "They differ",
        "sentence": "SAEs differ.",
        "source": "A paper (2025), abstract",
        "verdict": "holds",
        "scope": "TopK",
        "registered": None,
        "profile": "tiny",
        "world_seed": 3,
        "rtol": 0.02,
        "atol": 1e-6,
        "parts": [
            {
                "name": "differ",
                "says": "They differ",
                "core": True,
                "written": "before",
                "shows": "shared",
                "null": "",
                "control": "",
                "gate": [],
                "paper": "0.43",
                "place": "abstract",
                "verdict": "holds",
                "conditions": [
                    {
                        "number": "shared",
                        "interval": "below",
                        "than": 0.7,
                        "holds": True,
                    }
                ],
            }
        ],
        "left_out": [],
        "words": {"shared": "share of latents"},
        "numbers": {"shared": [0.42, 0.4, 0.44]},
    },
}


def output(mime: str) -> dict[str, Any]:
    twin = copy.deepcopy(TWINS[mime])
    return {
        "output_type": "display_data",
        "data": {mime: twin, **FACES[mime](twin)},
        "metadata": {},
    }


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """Where the numbers of a nested value are."""
    if isinstance(value, dict):
        return [p for key in value for p in places(value[key], (*path, key))]
    if isinstance(value, list):
        return [p for i, item in enumerate(value) for p in places(item, (*path, i))]
    return (
        [path]
        if isinstance(value, int | float) and not isinstance(value, bool) and value
        else []
    )


def scale(tree: Any, path: tuple, factor: float) -> None:
    *head, last = path
    for key in head:
        tree = tree[key]
    tree[last] *= factor


CASES = [(mime, path) for mime, twin in TWINS.items() for path in places(twin)]


@pytest.mark.parametrize(
    ("mime", "path"), CASES, ids=lambda case: str(case).split(".")[-1]
)
def test_a_stored_number_that_is_off_by_five_percent_fails_and_is_named(mime, path):
    stored, rerun = output(mime), output(mime)
    scale(stored["data"][mime], path, 1.05)
    lines = differences([stored], [rerun], rtol=1e-3, atol=1e-9)
    assert lines
    assert all(
        line.startswith(("shared", "by_width", "fig_width", "seed_dependence"))
        for line in lines
    )
    assert any(str(path[0]) in line for line in lines)


@pytest.mark.parametrize("mime", TWINS)
@pytest.mark.parametrize("face", ["text/html", "text/plain"])
def test_a_number_changed_only_where_it_is_shown_fails(mime, face):
    text = output(mime)["data"].get(face, "")
    numbers = list(re.finditer(r"\d+\.\d+|\d{2,}", text))
    assert numbers or mime in (FIGURE, VERDICT) or not text
    for match in numbers:
        stored = output(mime)
        stored["data"][face] = (
            text[: match.start()]
            + str(float(match.group()) * 1.05)
            + text[match.end() :]
        )
        assert any(
            face in line
            for line in differences([stored], [output(mime)], rtol=1e-3, atol=1e-9)
        )


@pytest.mark.parametrize("mime", TWINS)
def test_a_rerun_that_differs_by_rounding_passes(mime):
    rerun = output(mime)
    for key in ("value", "columns", "numbers"):
        if key in TWINS[mime]:
            for path in places(rerun["data"][mime][key], (key,)):
                if path != (key,) or key == "value":
                    scale(rerun["data"][mime], path, 1 + 1e-6)
    rerun["data"] |= FACES[mime](rerun["data"][mime])
    assert differences([output(mime)], [rerun], rtol=1e-3, atol=1e-9) == []


def test_every_number_of_printed_text_is_compared_and_its_line_is_named():
    text = "widths 160 and 640\nmean share 0.447 of 9 seeds, -1.5e-3 left\n"
    found = list(NUMBER.finditer(text))
    assert [match.group() for match in found] == ["160", "640", "0.447", "9", "-1.5e-3"]
    for match in found:
        changed = (
            text[: match.start()]
            + repr(float(match.group()) * 1.05)
            + text[match.end() :]
        )
        (line,) = differences([stream(changed)], [stream(text)], rtol=1e-3, atol=1e-9)
        assert f"rerun {match.group()}" in line
        assert "off by 4.76 %, allowed" in line


def test_a_printed_number_may_flip_in_its_last_place_only_if_that_is_small():
    assert (
        differences([stream("share 0.447")], [stream("share 0.448")], rtol=1e-3, atol=0)
        == []
    )
    assert differences([stream("share 0.4")], [stream("share 0.5")], rtol=1e-3, atol=0)
    assert differences([stream("9 seeds")], [stream("10 seeds")], rtol=1e-3, atol=0)


def test_words_truth_values_and_gaps_must_be_equal():
    assert differences(
        [stream("it holds 0.5")], [stream("it fails 0.5")], rtol=1, atol=1
    )
    assert list(close_values("x", [True, None, "a"], [True, None, "a"], 1.0, 1.0)) == []
    assert (
        len(list(close_values("x", [True, None, "a"], [False, 0.0, "b"], 1.0, 1.0)))
        == 3
    )


def test_an_output_that_is_missing_new_or_in_another_place_fails():
    both = [output(RESULT), stream("0.5")]
    assert differences(both, both[:1], rtol=1, atol=1)
    assert differences(both[:1], both, rtol=1, atol=1)
    assert differences(both, both[::-1], rtol=1, atol=1)
    assert kind(output(TABLE)) == "table by_width"


def test_a_tolerance_may_be_stated_per_column():
    old, new = {"a": [1.0], "b": [1.0]}, {"a": [1.03], "b": [1.03]}
    (line,) = close_values("t", old, new, {"a": 0.05}, 0.0)
    assert line.startswith(
        "t.b[0]: stored 1, rerun 1.03: off by 3.00 %, allowed 0.10 %"
    )


def test_a_caption_whose_folded_numbers_are_not_those_of_the_figure_fails():
    shown = output(FIGURE)
    cell = {
        "outputs": [shown],
        "metadata": {"mystnb": page_options(shown["data"][FIGURE])},
    }
    assert misplaced_captions(cell) == []
    cell["metadata"]["mystnb"]["figure"]["caption"] = "Share by width."
    (line,) = misplaced_captions(cell)
    assert line.startswith("fig_width")


def hidden(value):
    """A setting as `report.settings` stores it."""
    twin = {"name": "width", "value": value, "low": None, "high": None, "paper": None}
    twin |= {"rtol": 0.0, "atol": 0.0, "unit": ""}
    data = {RESULT: twin, **FACES[RESULT](twin)}
    data = {HIDDEN + mime: part for mime, part in data.items()}
    return {"output_type": "display_data", "data": data, "metadata": {}}


@pytest.mark.parametrize(("old", "new"), [(640, 641), (0.5, 0.5001), ("topk", "relu")])
def test_a_hidden_setting_is_compared_exactly(old, new):
    assert differences([hidden(old)], [hidden(old)], rtol=0.1, atol=0.1) == []
    found = differences([hidden(old)], [hidden(new)], rtol=0.1, atol=0.1)
    assert len(found) == 1
    assert found[0].startswith("width.value: stored")
    edited = hidden(old)
    edited["data"][HIDDEN + "text/plain"] = "1"
    found = differences([edited], [hidden(old)], rtol=0.1, atol=0.1)
    assert found == [
        "width: the stored text/plain does not show the stored number: run `make pages`"
    ]


@pytest.mark.parametrize(("after", "lines"), [(0.0166, 0), (0.0165, 0), (0.02, 1)])
def test_a_tolerance_made_of_its_number_moves_with_it(after, lines):
    stored = output(RESULT)
    rerun = output(RESULT)
    stored["data"][RESULT]["atol"] = 0.0166
    rerun["data"][RESULT]["atol"] = after
    found = differences([stored], [rerun], rtol=1e-3, atol=1e-9)
    assert len([line for line in found if "atol" in line]) == lines


def test_a_usual_mistake_of_a_solution_is_compared_like_its_number():
    twin = TWINS[RESULT] | {"mistakes": [["the null", 0.1]]}
    moved = TWINS[RESULT] | {"mistakes": [["the null", 0.11]]}
    old, new = ({RESULT: one, **FACES[RESULT](one)} for one in (twin, moved))
    outputs = [{"output_type": "display_data", "data": data} for data in (old, new)]
    (line,) = differences(outputs[:1], outputs[1:], rtol=1e-3, atol=0)
    assert line.startswith("shared.mistakes[0][1]: stored 0.1, rerun 0.11")
    assert differences(outputs[:1], outputs[:1], rtol=1e-3, atol=0) == []
