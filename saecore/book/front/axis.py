"""The axis of a card: from numbers to places on a line, with ticks at round numbers.

>>> Axis.around([0.35, 0.75, 0.0], left=0, right=100).ticks()
[0.0, 0.2, 0.4, 0.6, 0.8]
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

ROUND = (1, 2, 5, 10)
MOST_TICKS = 6


class Axis(NamedTuple):
    """A line from `low` at `left` to `high` at `right`."""

    low: float
    """The number at the left end."""
    high: float
    """The number at the right end, above `low`."""
    left: float
    """Place of the left end, in units of the drawing."""
    right: float
    """Place of the right end."""

    @classmethod
    def around(cls, numbers: Iterable[float], *, left: float, right: float) -> "Axis":
        """The axis from one round number to another that holds all `numbers`, and zero
        where that is near.
        """
        numbers = list(numbers)
        low, high = min(numbers), max(numbers)
        if 0 < low < high - low or low == high > 0:
            low = 0.0
        if high < 0 and -high < high - low:
            high = 0.0
        step = round_step((high - low) or 1.0)
        low, high = step * math.floor(low / step), step * math.ceil(high / step)
        return cls(low, max(high, low + step), left, right)

    def place(self, number: float) -> float:
        """Where a number is."""
        share = (number - self.low) / (self.high - self.low)
        return round(self.left + share * (self.right - self.left), 1)

    def ticks(self) -> list[float]:
        """Round numbers along it, both ends included."""
        step = round_step(self.high - self.low)
        count = round((self.high - self.low) / step)
        return [round(self.low + i * step, 12) for i in range(count + 1)]

    def tick_text(self, number: float) -> str:
        """A tick with as many digits as the step between ticks has."""
        step = round_step(self.high - self.low)
        decimals = max(0, -math.floor(math.log10(step)))
        return f"{number:,.{decimals}f}".replace("-", "−")


def round_step(span: float) -> float:
    """The least of 1, 2, 5 times a power of ten that cuts `span` into at most
    `MOST_TICKS` pieces.
    """
    power = 10.0 ** math.floor(math.log10(span / MOST_TICKS))
    return next(m * power for m in ROUND if span / (m * power) <= MOST_TICKS + 1e-9)
