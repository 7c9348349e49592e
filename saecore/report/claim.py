"""A paper's claim and the rule that judges it: read from book/claims.toml, concluded in its notebook.

>>> claim = Claim.read("seed_dependence")
>>> claim.parts[0].conditions[0].holds({"shared": Measured(0.5, 0.45, 0.55)})
True

The rule is fixed before the run: a notebook hands over numbers with their intervals, never a verdict.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from saecore.report.checkout import claims_file, results_folder
from saecore.report.faces import VERDICT
from saecore.report.results import show

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
    """The interval of `number` lies wholly below or above a constant, or the interval of another number."""

    number: str
    interval: Literal["below", "above"]
    than: float | str

    def holds(self, numbers: Mapping[str, Measured]) -> bool | None:
        """True or False where the intervals decide it, else None."""
        low, high = numbers[self.number][1:]
        bound = numbers[self.than][1:] if isinstance(self.than, str) else (self.than, self.than)
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

    `shows` is the number that the book's table shows for it, `null` the number that chance gives, `paper`
    what the paper reports, in words, and `place` where it does.
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
        return list(dict.fromkeys([self.shows, *([self.null] if self.null else []), *named]))


class Conclusion(NamedTuple):
    """What `conclude` found."""

    verdict: Verdict
    """Of the whole claim: holds if every part holds, does not hold if one does not."""
    parts: dict[str, Verdict]
    """Of each part, by name."""
    path: Path
    """The file that was written."""


@dataclass(frozen=True)
class Claim:
    """A claim: the paper's sentence with its place, the rule in words with its constants, and its parts."""

    name: str
    paper: str
    cite: str
    source: str
    sentence: str
    says: str
    notebook: str
    rule: str
    parts: tuple[Part, ...]
    constants: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str, path: Path | None = None) -> "Claim":
        """The claim `name` of book/claims.toml. Raises ValueError if it is not there or lacks a field."""
        path = path or claims_file()
        claims = tomllib.loads(path.read_text(encoding="utf-8"))
        if name not in claims:
            raise ValueError(
                f"a claim must be one of {sorted(claims)} of {path.name}, got {name!r}: check the spelling"
            )
        try:
            parts = tuple(_part(part) for part in claims[name].pop("parts"))
            return cls(name=name, parts=parts, **claims[name])
        except (TypeError, KeyError) as error:
            raise ValueError(
                f"claim {name!r} of {path.name} must have the fields of Claim, but: {error}"
            ) from None

    def needs(self) -> list[str]:
        """The numbers that `conclude` asks for."""
        return list(dict.fromkeys(name for part in self.parts for name in part.numbers()))

    def conclude(
        self,
        *,
        profile: str,
        world_seed: int,
        numbers: Mapping[str, tuple[float, float, float] | float | None],
        rtol: float = 0.02,
        atol: float = 1e-6,
    ) -> Conclusion:
        """Judge `numbers` (each a value with the ends of its interval, or an exact number) by the rule.

        A number is None where the language model cannot be asked for it. Parts that need it are left out, and
        the claim as a whole cannot be told, unless another part fails.

        Shows the verdict, stores it as <results>/<profile>/<name>.json, and returns it. A rerun of the page
        must reach the same verdict, with numbers within `rtol` or `atol`. Raises ValueError if a number is
        missing.
        """
        missing = [name for name in self.needs() if name not in numbers]
        if missing:
            raise ValueError(
                f"claim {self.name!r} is judged by {self.needs()}, but {missing} did not come: measure them"
            )
        found = {name: measured(number) for name, number in numbers.items() if number is not None}
        judged = [_judge(part, found) for part in self.parts if found.keys() >= set(part.numbers())]
        left_out = [None] * (len(self.parts) - len(judged))
        verdict = verdict_of([*(_decided(part["verdict"]) for part in judged), *left_out])
        twin = {"claim": self.name, "sentence": self.sentence, "source": self.source, "verdict": verdict}
        twin |= {"profile": Path(profile).name, "world_seed": world_seed, "rtol": rtol, "atol": atol}
        twin |= {"parts": judged, "numbers": {name: list(number) for name, number in found.items()}}
        path = _store(twin, results_folder())
        show(VERDICT, twin)
        return Conclusion(verdict, {part["name"]: part["verdict"] for part in judged}, path)


def _part(fields: dict[str, Any]) -> Part:
    conditions = tuple(Condition(**condition) for condition in fields.pop("conditions"))
    return Part(conditions=conditions, **fields)


def measured(number: tuple[float, float, float] | float) -> Measured:
    """A triple as a Measured, one number as an exact one. Raises ValueError if the ends are out of order."""
    triple = tuple(map(float, number)) if isinstance(number, tuple | list) else (float(number),) * 3
    if len(triple) != 3 or not triple[1] <= triple[0] <= triple[2]:
        raise ValueError(
            f"a measured number must be (value, low, high) with low <= value <= high, got {number}"
        )
    return Measured(*triple)


def verdict_of(decided: Iterable[bool | None]) -> Verdict:
    """ "does not hold" if one surely fails, "holds" if all hold, else "cannot be told"."""
    decided = list(decided)
    if False in decided:
        return "does not hold"
    return "cannot be told" if None in decided else "holds"


def _decided(verdict: Verdict) -> bool | None:
    return {"holds": True, "does not hold": False, "cannot be told": None}[verdict]


def _judge(part: Part, numbers: Mapping[str, Measured]) -> dict[str, Any]:
    held = [condition.holds(numbers) for condition in part.conditions]
    conditions = [
        {"number": c.number, "interval": c.interval, "than": c.than, "holds": holds}
        for c, holds in zip(part.conditions, held, strict=True)
    ]
    return {"name": part.name, "says": part.says, "verdict": verdict_of(held), "conditions": conditions}


def _store(twin: dict[str, Any], results: Path) -> Path:
    path = results / twin["profile"] / f"{twin['claim']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(twin, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(path)
    return path
