"""A paper's claim and the rule that judges it: read from book/claims.toml, concluded in
its notebook.

>>> claim = Claim.read("seed_dependence")
>>> claim.parts[0].conditions[0].holds({"shared": Measured(0.5, 0.45, 0.55)})
True

The rule is fixed before the run: a notebook hands over numbers with their intervals,
never a verdict.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from saecore.report.constants import Constants
from saecore.report.paths import claims_file, results_folder
from saecore.report.rendering import VERDICT
from saecore.report.results import page_tolerance, show

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
    """A claim: the paper's sentence with its place, the rule with its constants, parts.

    `words` says in plain words what each number of the parts is; `template` is the rule
    as the file has it, with placeholders where `rule` has the constants.
    """

    name: str
    paper: str
    cite: str
    source: str
    sentence: str
    says: str
    notebook: str
    rule: str
    parts: tuple[Part, ...]
    words: dict[str, str]
    constants: Constants = field(default_factory=lambda: Constants({}))
    template: str = ""

    @classmethod
    def read(cls, name: str, path: Path | None = None) -> "Claim":
        """The claim `name` of book/claims.toml, none of its constants read yet.

        Raises ValueError if it is not there, lacks a field, has a number without words
        or words without a number, or names a constant in its rule that it lacks.
        """
        path = path or claims_file()
        claims = tomllib.loads(path.read_text(encoding="utf-8"))
        if name not in claims:
            raise ValueError(
                f"a claim must be one of {sorted(claims)} of {path.name}, got "
                f"{name!r}: check the spelling"
            )
        try:
            claim = cls(**_fields(name, claims[name]))
        except (TypeError, KeyError) as error:
            raise ValueError(
                f"claim {name!r} of {path.name} must have the fields of Claim, but: "
                f"{error}"
            ) from None
        _check_words(claim)
        return claim

    def needs(self) -> list[str]:
        """The numbers that `conclude` asks for."""
        named = [name for part in self.parts for name in part.numbers()]
        return list(dict.fromkeys(named))

    def moved(self, **constants: float) -> "Claim":
        """The same claim with other constants, of which nothing is read yet.

        For tests that move each constant. Raises ValueError if there is none of a name.
        """
        moved = self.constants.moved(**constants)
        return replace(self, constants=moved, rule=moved.filled(self.template))

    def judge(
        self,
        *,
        profile: str,
        world_seed: int,
        numbers: Mapping[str, tuple[float, float, float] | float | None],
        rtol: float | None = None,
        atol: float | None = None,
    ) -> dict[str, Any]:
        """The verdict's JSON twin: `numbers` judged, nothing shown, no file written.

        Each is a value with the ends of its interval, or an exact number; those that no
        part uses are left out. A number is None where the language model cannot be
        asked for it: parts that need it are left out, and the claim as a whole cannot
        be told, unless another part fails. A rerun may drift by `rtol` or `atol` (0.02
        and 1e-6, unless `tolerance` says otherwise). Raises ValueError if a number is
        missing, or if nothing has read one of the constants.
        """
        self._check(numbers)
        found = {n: measured(x) for n in self.needs() if (x := numbers[n]) is not None}
        asked = [(part, found.keys() >= set(part.numbers())) for part in self.parts]
        judged = [_judge(part, found) for part, can in asked if can]
        left_out = [_stated(part) | {"verdict": None} for part, can in asked if not can]
        decided = [_decided(part["verdict"]) for part in judged + left_out]
        twin = {"claim": self.name, "says": self.says, "sentence": self.sentence}
        twin |= {"source": self.source, "verdict": verdict_of(decided)}
        twin |= {"profile": Path(profile).name, "world_seed": world_seed}
        twin |= page_tolerance(rtol=(rtol, 0.02), atol=(atol, 1e-6))
        twin |= {"parts": judged, "left_out": left_out}
        return twin | {
            "words": {name: self.words[name] for name in found},
            "numbers": {name: list(number) for name, number in found.items()},
        }

    def conclude(
        self,
        *,
        profile: str,
        world_seed: int,
        numbers: Mapping[str, tuple[float, float, float] | float | None],
        rtol: float | None = None,
        atol: float | None = None,
    ) -> Conclusion:
        """Judge as `judge` does, show the claim's card, and store the verdict.

        The file is <results>/<profile>/<name>.json; a rerun of the page must reach the
        same verdict. Raises ValueError as `judge` does.
        """
        twin = self.judge(
            profile=profile,
            world_seed=world_seed,
            numbers=numbers,
            rtol=rtol,
            atol=atol,
        )
        path = _store(twin, results_folder())
        show(VERDICT, twin)
        parts = {part["name"]: part["verdict"] for part in twin["parts"]}
        return Conclusion(twin["verdict"], parts, path)

    def _check(self, numbers: Mapping[str, Any]) -> None:
        if missing := [name for name in self.needs() if name not in numbers]:
            raise ValueError(
                f"claim {self.name!r} is judged by {self.needs()}, but {missing} did "
                f"not come: measure them"
            )
        if unread := self.constants.unread():
            raise ValueError(
                f"claim {self.name!r} states the constants {unread} in claims.toml, "
                "but nothing has read them: hand claim.constants[...] to what measures"
            )


def _fields(name: str, table: dict[str, Any]) -> dict[str, Any]:
    """The fields of Claim from its table in the file. Raises KeyError if one lacks."""
    constants = Constants(table.pop("constants", {}), claim=name)
    parts = tuple(_part(part) for part in table.pop("parts"))
    words, template = table.pop("numbers"), table.pop("rule")
    made = {"rule": constants.filled(template), "template": template}
    made |= {"name": name, "parts": parts, "words": words, "constants": constants}
    return made | table


def _check_words(claim: Claim) -> None:
    needs, words = set(claim.needs()), set(claim.words)
    if needs != words:
        raise ValueError(
            f"claim {claim.name!r} must have words in [{claim.name}.numbers] for each "
            f"number of its parts and for no other, but {sorted(needs - words)} have "
            f"none and {sorted(words - needs)} are used by no part: add or drop them"
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
            f"a measured number must be (value, low, high) with low <= value <= "
            f"high, got {number}"
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


def _store(twin: dict[str, Any], results: Path) -> Path:
    path = results / twin["profile"] / f"{twin['claim']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(
        json.dumps(twin, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        encoding="utf-8",
    )
    part.replace(path)
    return path
