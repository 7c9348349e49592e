"""What becomes of a verdict if a constant of its rule is moved: numbers and verdicts on
a grid, which the page shows below a slider.

>>> points = [{"shared": (0.5, 0.4, 0.6)}, {"shared": (0.4, 0.3, 0.5)}]
>>> moved = RuleMoved([SliderAxis("cosine", [0.6, 0.7], 0.7)], points, ["differ"])
>>> moved.settings, moved.book
([(0.6,), (0.7,)], 1)
>>> slider("by_cosine", claim, moved, numbers=numbers, caption="x")  # doctest: +SKIP

Python judges every point by the rule of the claim; the page's script only looks up.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from saecore.report.judging.claim import Claim
from saecore.report.judging.rule import Part
from saecore.report.rendering import SLIDER
from saecore.report.results import page_tolerance, show
from saecore.report.slider_faces import WHOLE_CLAIM

SAME = 1e-6
"""Part by which the card's number and the same number of the grid may differ, which
were summed in another order."""
CardNumbers = Mapping[str, tuple[float, float, float] | None]
"""Numbers of a claim, with their ends, as `Claim.judge` takes them."""


class SliderAxis(NamedTuple):
    """A constant of the rule that is moved."""

    says: str
    """What it is, in words."""
    values: Sequence[float]
    """Where it goes, in order; that of the book among them."""
    book: float
    """Where the rule has it."""


class RuleMoved(NamedTuple):
    """A claim's numbers at other constants."""

    axes: Sequence[SliderAxis]
    """The constants."""
    points: Sequence[CardNumbers]
    """The numbers that move with them, at each point of the grid of all axes, the last
    axis fastest."""
    parts: Sequence[str]
    """Names of the parts that move."""

    @property
    def settings(self) -> list[tuple[float, ...]]:
        """The constants at each point."""
        return list(product(*(axis.values for axis in self.axes)))

    @property
    def book(self) -> int:
        """The point at which all constants are those of the rule."""
        return self.settings.index(tuple(axis.book for axis in self.axes))


def slider(
    name: str,
    claim: Claim,
    moved: RuleMoved,
    *,
    numbers: Mapping[str, Any],
    caption: str,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Show how some parts of a claim fare, and the claim, as constants are moved.

    `numbers` are those of the claim's card: at each point some are replaced by those of
    `moved`, and the claim judges all. A rerun must meet the numbers within `rtol` or
    `atol` (0.02 and 1e-6, unless `tolerance` says otherwise). Raises ValueError unless
    there is a point for every setting, and the one with the rule's constants has the
    numbers of the card.
    """
    asked = [part for part in claim.parts if part.name in moved.parts]
    points = _checked(moved, numbers)
    twins = [
        claim.judge(profile="", world_seed=0, numbers={**numbers, **point})
        for point in points
    ]
    shown = dict.fromkeys(n for part in asked for n in _shown(part))
    twin: dict[str, Any] = {"name": name, "claim": claim.name, "caption": caption}
    twin |= {"axes": [_stated(axis) for axis in moved.axes]}
    twin |= {"parts": [_part_shown(part) for part in asked]}
    twin |= {"words": {n: claim.words[n] for n in shown}}
    twin |= page_tolerance(rtol=(rtol, 0.02), atol=(atol, 1e-6))
    twin |= {"columns": _columns([{**numbers, **point} for point in points], shown)}
    twin |= {"verdicts": _verdicts(twins, asked)}
    show(SLIDER, twin)


def _checked(moved: RuleMoved, numbers: Mapping[str, Any]) -> list[CardNumbers]:
    """The points, that of the rule with the very numbers of the card."""
    if len(moved.points) != len(moved.settings):
        raise ValueError(
            f"a slider needs a point for each of its {len(moved.settings)} settings, "
            f"got {len(moved.points)}: measure the others"
        )
    own = moved.points[moved.book]
    card: CardNumbers = {name: numbers[name] for name in own}
    if apart := [name for name in own if not _same(own[name], card[name])]:
        raise ValueError(
            "with the rule's own constants a slider must have the numbers of the card, "
            f"but {apart[0]} is {own[apart[0]]} and not {card[apart[0]]}: measure them "
            "alike"
        )
    return [card if p is own else p for p in moved.points]


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return all(
        math.isclose(a, b, rel_tol=SAME, abs_tol=SAME)
        for a, b in zip(one, other, strict=True)
    )


def _shown(part: Part) -> list[str]:
    return [name for name in (part.shows, part.null) if name]


def _part_shown(part: Part) -> dict[str, Any]:
    """What the picture and the line of a part need; constants that its number is
    compared with are bars.
    """
    bars = [
        {"interval": one.interval, "than": one.than}
        for one in part.conditions
        if one.number == part.shows and not isinstance(one.than, str)
    ]
    stated = {"name": part.name, "says": part.says, "bars": bars}
    return stated | {"shows": part.shows, "null": part.null}


def _stated(axis: SliderAxis) -> dict[str, Any]:
    return {"says": axis.says, "values": list(axis.values), "book": axis.book}


def _columns(
    points: Sequence[CardNumbers], shown: Mapping[str, Any]
) -> list[list[Any]]:
    """Every number that is shown as three columns: itself and its ends."""
    return [
        [f"{name}{end}", [x and float(x[place]) for x in (p[name] for p in points)]]
        for name in shown
        for place, end in enumerate(("", " low", " high"))
    ]


def _verdicts(twins: Sequence[Mapping[str, Any]], asked: Sequence[Part]) -> list[Any]:
    """By name of a part, and of the whole claim, the verdict at each point; None where
    it was left out.
    """
    by_part = [
        {one["name"]: one["verdict"] for one in (*twin["parts"], *twin["left_out"])}
        for twin in twins
    ]
    found = {part.name: [one[part.name] for one in by_part] for part in asked}
    found |= {WHOLE_CLAIM: [twin["verdict"] for twin in twins]}
    return [[name, verdicts] for name, verdicts in found.items()]
