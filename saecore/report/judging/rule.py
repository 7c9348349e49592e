"""The rule of a claim: conditions on intervals, parts made of them, what is decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Verdict = Literal["holds", "holds in part", "does not hold", "cannot be told"]


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
        """True or False where the intervals decide it, else None.

        Two measured points that tie decide nothing: two zeros may be a dead test.
        """
        low, high = numbers[self.number][1:]
        bound = self._bound(numbers)
        if self.interval == "above":
            (low, high), bound = (-high, -low), (-bound[1], -bound[0])
        if high < bound[0]:
            return True
        tie = isinstance(self.than, str) and low == high == bound[0] == bound[1]
        return False if low >= bound[1] and not tie else None

    def _bound(self, numbers: Mapping[str, Measured]) -> tuple[float, float]:
        if isinstance(self.than, str):
            return numbers[self.than][1:]
        return self.than, self.than

    def names(self) -> list[str]:
        """The numbers that it needs."""
        return [self.number, self.than] if isinstance(self.than, str) else [self.number]


@dataclass(frozen=True)
class Part:
    """One of the statements that make up a claim.

    A `core` part tests the sentence that the claim quotes; another is shown and never
    moves the verdict. `shows` is the number that the book's table shows for it, `null`
    the number that chance gives, `paper` what the paper reports, in words, and `place`
    where it does. `control` is the number of the positive control, such as an edit of
    the whole row: unless all conditions of the `gate` are met, nothing can be told.
    `written` is "before", or what was known of the numbers when the rule was written.
    """

    name: str
    says: str
    shows: str
    conditions: tuple[Condition, ...]
    core: bool = True
    written: str = ""
    null: str = ""
    control: str = ""
    gate: tuple[Condition, ...] = ()
    paper: str = ""
    place: str = ""

    def numbers(self) -> list[str]:
        """The numbers that the notebook has to hand over for this part."""
        asked = (*self.conditions, *self.gate)
        named = [name for condition in asked for name in condition.names()]
        facts = [name for name in (self.shows, self.null, self.control) if name]
        return list(dict.fromkeys([*facts, *named]))


def part_from(fields: dict[str, Any]) -> Part:
    """A part as book/claims.toml has it."""
    conditions, gate = (
        tuple(Condition(**condition) for condition in fields.pop(name, ()))
        for name in ("conditions", "gate")
    )
    return Part(conditions=conditions, gate=gate, **fields)


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


def part_verdict(
    held: Iterable[bool | None], gate: Iterable[bool | None] = ()
) -> Verdict:
    """ "does not hold" if a condition surely fails, "holds" if all are met, else
    "cannot be told"; this, too, unless all of the gate is surely met.
    """
    held = list(held)
    if not all(gate) or (None in held and False not in held):
        return "cannot be told"
    return "does not hold" if False in held else "holds"


def claim_verdict(parts: Iterable[Verdict | None]) -> Verdict:
    """The verdict of a claim from those of its core parts; None is a part that was not
    judged.

    All hold: "holds". At least one holds and another fails or cannot be told: "holds in
    part". One fails and none holds: "does not hold". Otherwise "cannot be told".
    """
    parts = list(parts)
    if parts and all(part == "holds" for part in parts):
        return "holds"
    if "holds" in parts:
        return "holds in part"
    return "does not hold" if "does not hold" in parts else "cannot be told"


def judged_part(part: Part, numbers: Mapping[str, Measured]) -> dict[str, Any]:
    """A part with its verdict and which of its conditions hold, as the twin has it."""
    conditions, gate = (
        [condition_judged(one, numbers) for one in asked]
        for asked in (part.conditions, part.gate)
    )
    verdict = part_verdict(
        *([c["holds"] for c in asked] for asked in (conditions, gate))
    )
    judged = {"verdict": verdict, "conditions": conditions, "gate": gate}
    return part_stated(part) | judged


def condition_judged(
    condition: Condition, numbers: Mapping[str, Measured]
) -> dict[str, Any]:
    """A condition and whether it is met."""
    stated = {"number": condition.number, "interval": condition.interval}
    return stated | {"than": condition.than, "holds": condition.holds(numbers)}


def part_stated(part: Part) -> dict[str, Any]:
    """What the card shows of a part before anything is measured."""
    stated = {"name": part.name, "says": part.says, "core": part.core}
    stated |= {"written": part.written, "shows": part.shows, "null": part.null}
    stated |= {"control": part.control}
    return stated | {"paper": part.paper, "place": part.place}
