"""Other SAEs may move a number within its interval, never turn a verdict round."""

import copy

import pytest

from saecore.book.checking.other_saes import statistical_differences
from saecore.report.rendering import FIGURE, RESULT, TABLE, TOLD, VERDICT


def output(mime, twin):
    return {"output_type": "display_data", "metadata": {}, "data": {mime: twin}}


def result(value, low, high, atol=0.0):
    twin = {"name": "share", "value": value, "low": low, "high": high, "atol": atol}
    return output(RESULT, twin)


def verdict(verdict, numbers):
    twin = {"claim": "absorption", "verdict": verdict, "numbers": numbers, "atol": 0}
    return output(VERDICT, twin)


@pytest.mark.parametrize(
    ("rerun", "differs"),
    [
        ((0.35, 0.3, 0.4), False),  # the same
        ((0.45, 0.4, 0.5), False),  # the intervals touch
        ((0.47, 0.44, 0.5), False),  # apart by less than half of the wider
        ((0.53, 0.5, 0.56), True),
        ((0.1, 0.05, 0.15), True),
        ((0.53, None, None), False),  # without an interval nothing can be told
    ],
)
def test_intervals_must_meet(rerun, differs):
    lines = statistical_differences([result(0.35, 0.3, 0.4)], [result(*rerun)])
    assert bool(lines) is differs


def test_a_number_of_no_width_has_its_tolerance():
    old = result(0.0, 0.0, 0.0, atol=0.01)
    assert not statistical_differences([old], [result(0.005, 0.005, 0.005)])
    assert statistical_differences([old], [result(0.02, 0.02, 0.02)])


@pytest.mark.parametrize(
    ("rerun", "differs"),
    [("holds", False), ("cannot be told", False), ("does not hold", True)],
)
def test_a_verdict_is_not_turned_round(rerun, differs):
    numbers = {"rate": [0.35, 0.3, 0.4]}
    pair = verdict("holds", numbers), verdict(rerun, numbers)
    assert bool(statistical_differences([pair[0]], [pair[1]])) is differs


def test_numbers_of_a_verdict_are_held_to_their_intervals():
    old = verdict("holds", {"rate": [0.35, 0.3, 0.4]})
    new = verdict("holds", {"rate": [0.9, 0.8, 1.0]})
    assert "absorption.rate" in statistical_differences([old], [new])[0]


def test_data_may_differ_but_not_what_is_shown():
    table = {"name": "rates", "columns": [["width", [1, 2]], ["rate", [0.1, 0.2]]]}
    other = copy.deepcopy(table)
    other["columns"][1][1] = [0.9]
    assert not statistical_differences([output(TABLE, table)], [output(TABLE, other)])
    other["columns"][1][0] = "share"
    assert statistical_differences([output(TABLE, table)], [output(TABLE, other)])
    # the columns of a figure may be the words that an SAE picks
    assert not statistical_differences([output(FIGURE, table)], [output(FIGURE, other)])
    told = [output(TOLD, {"name": "told", "sentence": one}) for one in "ab"]
    assert not statistical_differences(told[:1], told[1:])
    assert statistical_differences(told[:1], [output(TABLE, table)])
    error = {"output_type": "error", "ename": "ValueError"}
    assert statistical_differences(told[:1], [error])
