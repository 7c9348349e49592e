"""A rule: intervals decide, and nothing else does."""

import itertools

import pytest

from saecore.report.judging.rule import (
    Condition,
    Measured,
    claim_verdict,
    judged_part,
    measured,
    part_from,
    part_verdict,
)


@pytest.mark.parametrize(
    ("interval", "number", "than", "holds"),
    [
        ("below", (0.5, 0.4, 0.6), 0.7, True),
        ("below", (0.65, 0.6, 0.71), 0.7, None),
        ("below", (0.9, 0.8, 0.95), 0.7, False),
        ("below", (0.6, 0.5, 0.7), 0.7, None),
        ("below", (0.8, 0.7, 0.9), 0.7, False),
        ("above", (0.5, 0.4, 0.6), 0.3, True),
        ("above", (0.5, 0.4, 0.6), 0.5, None),
        ("above", (0.5, 0.4, 0.6), 0.6, False),
    ],
)
def test_a_condition_compares_the_whole_interval_with_a_constant(
    interval, number, than, holds
):
    assert Condition("x", interval, than).holds({"x": Measured(*number)}) is holds


def test_a_condition_compares_the_whole_interval_with_another_interval():
    condition = Condition("x", "above", "null")
    number = Measured(0.5, 0.4, 0.6)
    assert condition.holds({"x": number, "null": Measured(0.2, 0.1, 0.3)}) is True
    assert condition.holds({"x": number, "null": Measured(0.5, 0.3, 0.7)}) is None
    assert condition.holds({"x": number, "null": Measured(0.8, 0.6, 0.9)}) is False


def test_below_and_above_are_mirror_images():
    for low, high, bound in [
        (0.1, 0.2, 0.3),
        (0.1, 0.4, 0.3),
        (0.4, 0.5, 0.3),
        (0.3, 0.5, 0.3),
    ]:
        below = Condition("x", "below", bound).holds({"x": Measured(low, low, high)})
        above = Condition("x", "above", -bound).holds(
            {"x": Measured(-low, -high, -low)}
        )
        assert below is above


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ([True, True], "holds"),
        ([True, None], "cannot be told"),
        ([None, False], "does not hold"),
        ([True, False], "does not hold"),
    ],
)
def test_one_sure_failure_fails_and_one_doubt_leaves_doubt(held, verdict):
    assert part_verdict(held) == verdict


@pytest.mark.parametrize(
    ("gate", "verdict"),
    [
        ([], "does not hold"),
        ([True], "does not hold"),
        ([True, None], "cannot be told"),
        ([False], "cannot be told"),
    ],
)
def test_without_a_working_positive_control_nothing_can_be_told(gate, verdict):
    assert part_verdict([True, False], gate) == verdict


HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot be told"
TRUTH_TABLE = {
    (): OPEN,
    (HOLDS,): HOLDS,
    (FAILS,): FAILS,
    (OPEN,): OPEN,
    (None,): OPEN,
    (HOLDS, HOLDS): HOLDS,
    (HOLDS, FAILS): "holds in part",
    (HOLDS, OPEN): "holds in part",
    (HOLDS, None): "holds in part",
    (FAILS, FAILS): FAILS,
    (FAILS, OPEN): FAILS,
    (FAILS, None): FAILS,
    (OPEN, OPEN): OPEN,
    (OPEN, None): OPEN,
    (HOLDS, FAILS, OPEN): "holds in part",
}


@pytest.mark.parametrize("parts", TRUTH_TABLE)
def test_core_parts_make_the_verdict_in_any_order(parts):
    for order in itertools.permutations(parts):
        assert claim_verdict(order) == TRUTH_TABLE[parts]


@pytest.mark.parametrize("interval", ["above", "below"])
def test_two_measured_numbers_that_tie_decide_nothing(interval):
    dead = {"x": Measured(0, 0, 0), "null": Measured(0, 0, 0)}
    assert Condition("x", interval, "null").holds(dead) is None
    assert Condition("x", interval, 0).holds(dead) is False
    touching = {"x": Measured(0.2, 0.1, 0.3), "null": Measured(0.4, 0.3, 0.5)}
    assert Condition("x", "above", "null").holds(touching) is False
    at_the_end = {"x": Measured(0.5, 0.5, 0.5), "null": Measured(0.4, 0.3, 0.5)}
    assert Condition("x", "below", "null").holds(at_the_end) is False


def test_a_part_is_core_unless_it_says_otherwise():
    assert part_from({"name": "a", "says": "b", "shows": "c"}).core


def test_a_gate_and_a_control_are_asked_for_and_judged():
    turned = {"number": "turned", "interval": "above", "than": "chance"}
    whole = {"number": "whole", "interval": "above", "than": 0.5}
    fields = {"name": "edit", "says": "it turns", "shows": "turned", "core": False}
    fields |= {"conditions": [turned], "gate": [whole], "control": "whole"}
    part = part_from(fields | {"null": "chance", "written": "before"})
    assert part.numbers() == ["turned", "chance", "whole"]
    numbers = {"turned": measured(0.4), "chance": measured(0.1)}
    works = judged_part(part, numbers | {"whole": measured((0.7, 0.6, 0.8))})
    dead = judged_part(part, numbers | {"whole": measured((0.1, 0.0, 0.6))})
    assert (works["verdict"], dead["verdict"]) == ("holds", "cannot be told")
    assert works["gate"] == [whole | {"holds": True}]
    assert (works["core"], works["written"]) == (False, "before")
    assert works["control"] == "whole"


def test_an_interval_must_contain_its_estimate():
    with pytest.raises(ValueError, match="low <= value <= high"):
        measured((0.5, 0.6, 0.7))
