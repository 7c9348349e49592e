"""Erasers at the same effect: how strong each must be to bring a task to chance."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from saecore.measures.editing.erasure import Eraser


def scaled(eraser: Eraser, strength: float) -> Eraser:
    """An eraser whose edit is `strength` times as long: x + strength (r(x) - x)."""

    def erase(x: Tensor) -> Tensor:
        return x + strength * (eraser(x) - x)

    return erase


def to_chance(
    eraser: Eraser,
    right: Callable[[Eraser], float],
    *,
    chance: float,
    most: float,
    before: float | None = None,
) -> float:
    """The strength s of x + s (r(x) - x) at which a task falls to `chance`, to a
    thousandth of that (or of 1/4).

    `right` is the mean probability of the right answer under an eraser, `before` that
    without an edit, where it is known. Erasers are compared at one effect this way, not
    at the strength that each happens to have. Strengths are doubled from 1/2 until the
    task is no longer above chance; then Brent's method (scipy) finds where it gets
    there. The strength returned is the least one tried at which the task is at or below
    chance, never above. If `right` does not fall steadily there may be several such
    places, and this is one of them, not always the first. Infinite if even `most` times
    the edit leaves the task above chance.
    Raises ValueError if the task is at chance without an edit.
    """
    from scipy.optimize import brentq

    tried = {} if before is None else {0.0: before - chance}

    def above(strength: float) -> float:
        if strength not in tried:
            tried[strength] = right(scaled(eraser, strength)) - chance
        return tried[strength]

    if not above(0.0) > 0:
        raise ValueError(
            "a task must be above chance before anything is erased: choose one that "
            "is solved"
        )
    low, high = 0.0, min(0.5, most)
    while above(high) > 0:
        if high >= most:
            return float("inf")
        low, high = high, min(2 * high, most)
    brentq(above, low, high, xtol=5e-4 * high)
    return min(strength for strength, by in tried.items() if by <= 0)


class Matched(NamedTuple):
    """An eraser made as strong as it takes."""

    strength: float
    """How many times the edit is taken: where the task comes to chance, or the most
    that was allowed.
    """
    reached: bool
    """Whether the task is at or below chance there."""
    eraser: Eraser
    """The edit at that strength."""


def at_chance(
    eraser: Eraser,
    right: Callable[[Eraser], float],
    *,
    chance: float,
    most: float,
    before: float | None = None,
) -> Matched:
    """An eraser at the strength that brings the task to chance (see `to_chance`), or at
    `most` if none does.

    An eraser that is not strong enough at `most` so counts with what it does there, and
    is marked.
    """
    strength = to_chance(eraser, right, chance=chance, most=most, before=before)
    reached = strength <= most
    strength = min(strength, most)
    return Matched(strength, reached, scaled(eraser, strength))
