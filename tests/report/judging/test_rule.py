"""A rule: intervals decide, and nothing else does."""

import pytest

from saecore.report.judging.rule import Condition, Measured, measured, verdict_of


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
    assert verdict_of(held) == verdict


def test_an_interval_must_contain_its_estimate():
    with pytest.raises(ValueError, match="low <= value <= high"):
        measured((0.5, 0.6, 0.7))
