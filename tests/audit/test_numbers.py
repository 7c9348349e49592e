"""Numbers, nulls and their JSON."""

import math

import pytest

from saecore.audit.numbers import Null, as_null, finite, number, strongest_null
from saecore.measures.algebra.intervals import Interval


def test_a_number_keeps_its_interval_and_its_null():
    found = Interval(0.5, 0.4, 0.6, 0.05, 0.95)
    one = number("meta", "m", "SAE", found, over="rows", null=Null(0.1, "n"), says="s")
    said = one.as_json()
    assert (said["value"], said["low"], said["high"]) == (0.5, 0.4, 0.6)
    assert (said["null"], said["null_low"], said["null_is"]) == (0.1, None, "n")
    assert said["interval"] == "rows"


def test_a_count_has_no_interval_and_may_have_no_null():
    said = number("meta", "m", "SAE", 3.0, over="rows", says="s").as_json()
    assert (said["value"], said["low"], said["interval"]) == (3.0, None, "")
    assert (said["null"], said["null_is"]) == (None, "")


def test_the_strongest_null_is_the_largest_that_is_known():
    nulls = [Null(0.1, "a"), Null(math.nan, "b"), Null(0.3, "c"), Null(0.2, "d")]
    assert strongest_null(nulls).name == "c"
    assert strongest_null(nulls[1:2]).name == "b"
    with pytest.raises(ValueError):
        strongest_null([])


def test_what_json_does_not_know_is_nothing():
    assert [finite(x) for x in (1.0, None, math.nan, math.inf)] == [
        1.0,
        None,
        None,
        None,
    ]
    assert as_null(Interval(1.0, 0.5, 2.0, 0.1, 0.95), "x") == Null(1.0, "x", 0.5, 2.0)
