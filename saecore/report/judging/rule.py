"""The rule of a claim: conditions on intervals, parts made of them, what is decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Verdict = Literal["holds", "does not hold", "cannot be told"]


class Measured(NamedTuple):
    """A number with its interval; a number known exactly has `low == value == high`."""

    value: float
    """The estimate."""
    low: float
    """Lower end of the interval over seeds."""
    high: float
    """Upper end."""


@dataclass(frozen=True)
class Condition:
    """The interval of `number` lies wholly below or above a constant, or the interval
    of another number.
    """

    number: str
    interval: Literal["below", "above"]
    than: float | str

    def holds(self, numbers: Mapping[str, Measured]) -> bool | None:
        """True or False where the intervals decide it, else None."""
        low, high = numbers[self.number][1:]
        bound = (
            numbers[self.than][1:]
            if isinstance(self.than, str)
            else (self.than, self.than)
        )
        if self.interval == "above":
            (low, high), bound = (-high, -low), (-bound[1], -bound[0])
        if high < bound[0]:
            return True
        return False if low >= bound[1] else None

    def names(self) -> list[str]:
        """The numbers that it needs."""
        return [self.number, self.than] if isinstance(self.than, str) else [self.number]


@dataclass(frozen=True)
class Part:
    """One of the statements that make up a claim.

    `shows` is the number that the book's table shows for it, `null` the number that
    chance gives, `paper` what the paper reports, in words, and `place` where it does.
    """

    name: str
    says: str
    shows: str
    conditions: tuple[Condition, ...]
    null: str = ""
    paper: str = ""
    place: str = ""

    def numbers(self) -> list[str]:
        """The numbers that the notebook has to hand over for this part."""
        named = [name for condition in self.conditions for name in condition.names()]
        return list(
            dict.fromkeys([self.shows, *([self.null] if self.null else []), *named])
        )


def _part(fields: dict[str, Any]) -> Part:
    conditions = tuple(Condition(**condition) for condition in fields.pop("conditions"))
    return Part(conditions=conditions, **fields)


def measured(number: tuple[float, float, float] | float) -> Measured:
    """A triple as a Measured, one number as an exact one. Raises ValueError if the ends
    are out of order.
    """
    triple = (
        tuple(map(float, number))
        if isinstance(number, tuple | list)
        else (float(number),) * 3
    )
    if len(triple) != 3 or not triple[1] <= triple[0] <= triple[2]:
        raise ValueError(
            "a measured number must be (value, low, high) with low <= value <= high, "
            f"got {number}"
        )
    return Measured(*triple)


def verdict_of(decided: Iterable[bool | None]) -> Verdict:
    """ "does not hold" if one surely fails, "holds" if all hold, else "cannot be
    told".
    """
    decided = list(decided)
    if False in decided:
        return "does not hold"
    return "cannot be told" if None in decided else "holds"


def _decided(verdict: Verdict | None) -> bool | None:
    return {"holds": True, "does not hold": False}.get(verdict or "")


def _judge(part: Part, numbers: Mapping[str, Measured]) -> dict[str, Any]:
    held = [condition.holds(numbers) for condition in part.conditions]
    conditions = [
        {"number": c.number, "interval": c.interval, "than": c.than, "holds": holds}
        for c, holds in zip(part.conditions, held, strict=True)
    ]
    judged = {"verdict": verdict_of(held), "conditions": conditions}
    return _stated(part) | judged


def _stated(part: Part) -> dict[str, Any]:
    """What the card shows of a part before anything is measured."""
    stated = {"name": part.name, "says": part.says, "shows": part.shows}
    return stated | {"null": part.null, "paper": part.paper, "place": part.place}
