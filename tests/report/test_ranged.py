"""Rows of a table: settings into columns, points into numbers with their intervals."""

import pytest

from saecore.measures.algebra.intervals import Interval
from saecore.report import by_setting, interval_columns, mean

POINT = Interval(0.5, 0.4, 0.6, 0.05, 0.95)


def test_an_interval_is_three_columns_and_a_number_one():
    assert interval_columns(POINT) == {"share": 0.5, "low": 0.4, "high": 0.6}
    assert interval_columns(POINT, "F1", prefix="control") == {
        "control F1": 0.5,
        "control low": 0.4,
        "control high": 0.6,
    }
    assert interval_columns(0.25, "F1") == {"F1": 0.25}


def test_settings_are_rows_with_their_keys_as_columns():
    rows = by_setting(
        {("topk", 160): POINT, ("batchtopk", 640): 0.25},
        key=("architecture", "width"),
        name="F1",
        fvu={("topk", 160): 0.1, ("batchtopk", 640): None},
        null={("topk", 160): 0.2, ("batchtopk", 640): POINT},
    )
    first = {"architecture": "TopK", "width": 160, "F1": 0.5, "low": 0.4, "high": 0.6}
    assert rows == [
        first | {"fvu": 0.1, "null": 0.2},
        {"architecture": "BatchTopK", "width": 640, "F1": 0.25, "fvu": None}
        | {"null": 0.5, "null low": 0.4, "null high": 0.6},
    ]


def test_keys_that_do_not_fit_and_gaps_that_are_not_said_are_refused():
    with pytest.raises(ValueError, match=r"a tuple of \('kind', 'width'\), got 160"):
        by_setting({160: POINT}, key=("kind", "width"))
    with pytest.raises(ValueError, match="column 'fvu' must have a value for each of"):
        by_setting({160: POINT}, fvu={640: 0.1})


def test_a_mean_is_of_plain_numbers_and_of_some():
    assert mean([1, 2.0, 6]) == 3
    with pytest.raises(ValueError, match="at least one number"):
        mean([])
