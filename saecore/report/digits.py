"""Numbers as text: all that was measured for a table, the digits that count for people.

>>> people_text(0.2565, 0.2418, 0.2713)
'0.26 [0.24, 0.27]'
>>> people_text(-0.16914, -0.172, -0.166)
'−0.169 [−0.172, −0.166]'
>>> people_text(65536), people_text(0.123456), people_text(0.5)
('65,536', '0.123', '0.5')
"""

import math
from collections.abc import Sequence

Scalar = float | int | str | bool | None
SMALL, LARGE = 1e-4, 1e6
"""Numbers between these sizes are never written with an exponent."""


def number_text(value: Scalar) -> str:
    """Four significant digits of a measured number; counts, words and gaps as are."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def tolerance_text(rtol: float, atol: float) -> str:
    """What a rerun may differ by, in words."""
    parts = [f"{100 * rtol:g} %"] * (rtol > 0) + [f"{atol:g}"] * (atol > 0)
    return "±" + " or ±".join(parts) if parts else "exact"


def people_text(
    value: float,
    low: float | None = None,
    high: float | None = None,
    *,
    decimals: int | None = None,
) -> str:
    """A number and its interval with the digits that the interval carries.

    The first digit of the half-width is the last one shown, but at least two and at
    most three significant ones of the number are; an exact number has three, without
    zeros at its end. `decimals` sets the digits after the point instead.
    """
    if low is None or high is None or low == high:
        return _exact(value) if decimals is None else fixed(value, decimals)
    places = decimals_of(value, low, high) if decimals is None else decimals
    shown, *around = [fixed(number, places) for number in (value, low, high)]
    return shown if around == [shown] * 2 else f"{shown} [{', '.join(around)}]"


def beside(number: Sequence[float], other: Sequence[float]) -> str:
    """`other` (value, low, high) with as many digits as `number`, to be compared."""
    exact = number[1] == number[2]
    return people_text(*other, decimals=None if exact else decimals_of(*number))


def decimals_of(value: float, low: float, high: float) -> int:
    """How many digits after the point a number with this interval deserves."""
    half = (high - low) / 2
    size = math.floor(math.log10(max(abs(value), half)))
    carried = -math.floor(math.log10(half))
    return max(0, min(max(carried, 1 - size), 2 - size))


def fixed(value: float, decimals: int) -> str:
    """`value` with so many digits after the point, a true minus sign, and no −0."""
    if abs(value) >= LARGE or decimals > 6:
        return _signed(f"{value:.3g}")
    return _signed(f"{value:,.{decimals}f}")


def _exact(value: float) -> str:
    if value == 0:
        return "0"
    if not SMALL < abs(value) < LARGE:
        return _signed(f"{value:.3g}")
    if float(value).is_integer():
        return _signed(f"{value:,.0f}")
    text = f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
    return _signed(text.rstrip("0").rstrip(".") if "." in text else text)


def _signed(text: str) -> str:
    nothing = not text.strip("-0.,")
    return text.lstrip("-") if nothing else text.replace("-", "−")
