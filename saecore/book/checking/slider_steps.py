"""How far the verdicts below a slider may move from run to run.

At the rule's own constants they must be the same, as on the card. Elsewhere a constant
may lie so near to where a verdict turns that the drift of the numbers turns it: a
verdict may be that of a neighbouring point of the grid.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any


def within_a_step(stored: Mapping[str, Any], rerun: Mapping[str, Any]) -> bool:
    """Whether the verdicts of two twins of a slider are the same, or have moved by one
    step of the grid at most, and not at the rule.
    """
    before, after = dict(stored["verdicts"]), dict(rerun["verdicts"])
    if before.keys() != after.keys():
        return False
    axes = stored["axes"]
    if any(axis["book"] not in axis["values"] for axis in axes):
        return False  # not a slider's twin any more
    shape = [len(axis["values"]) for axis in axes]
    rule = [axis["values"].index(axis["book"]) for axis in axes]
    return all(
        len(old) == len(after[name])
        and _near(old, after[name], shape, tuple(rule))
        and _near(after[name], old, shape, tuple(rule))
        for name, old in before.items()
    )


def _near(
    old: Sequence[Any], new: Sequence[Any], shape: Sequence[int], rule: tuple[int, ...]
) -> bool:
    """Whether each new verdict is an old one of the same point or of a neighbour."""
    places = list(product(*map(range, shape)))
    known = dict(zip(places, old, strict=True))
    return all(
        verdict == known[at]
        or (at != rule and verdict in [known.get(by) for by in _beside(at)])
        for at, verdict in zip(places, new, strict=True)
    )


def _beside(at: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for axis in range(len(at)):
        for step in (-1, 1):
            yield (*at[:axis], at[axis] + step, *at[axis + 1 :])
