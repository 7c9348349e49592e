"""From numbers to places."""

import pytest

from saecore.book.front.axis import MOST_TICKS, Axis, round_step


@pytest.mark.parametrize(
    "numbers",
    [
        (0.35, 0.7),
        (-0.42, -0.3),
        (24, 36, 9),
        (0.0, 0.0),
        (1e-4, 5e-4),
        (5, 5),
        (-1, 2),
    ],
)
def test_it_holds_all_numbers_between_round_ends(numbers):
    axis = Axis.around(numbers, left=10, right=110)
    assert axis.low <= min(numbers) <= max(numbers) <= axis.high
    assert axis.low < axis.high
    ticks = axis.ticks()
    assert ticks[0] == pytest.approx(axis.low)
    assert ticks[-1] == pytest.approx(axis.high)
    assert 2 <= len(ticks) <= MOST_TICKS + 1
    assert (axis.place(axis.low), axis.place(axis.high)) == (10, 110)


def test_zero_is_on_it_where_it_is_near():
    assert Axis.around([0.35, 0.75], left=0, right=1).low == 0
    assert Axis.around([100.0, 101.0], left=0, right=1).low >= 99


def test_ticks_have_the_digits_of_their_step():
    axis = Axis.around([-0.3, 0.1], left=0, right=1)
    assert [axis.tick_text(tick) for tick in axis.ticks()][:2] == ["−0.3", "−0.2"]
    assert Axis(0, 2000, 0, 1).tick_text(1500) == "1,500"


def test_the_step_is_the_least_round_one():
    assert [round_step(span) for span in (1, 0.6, 12, 50)] == pytest.approx(
        [0.2, 0.1, 2, 10]
    )
