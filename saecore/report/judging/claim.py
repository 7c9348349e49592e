"""A paper's claim and the rule that judges it: read from book/claims.toml, concluded in
its notebook.

>>> from saecore.report.judging.rule import Measured
>>> claim = Claim.read("seed_dependence")
>>> claim.parts[0].conditions[0].holds({"shared": Measured(0.4, 0.35, 0.45)})
True

The rule is fixed before the run: a notebook hands over numbers with their intervals,
never a verdict.
"""

import json
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.judging.constants import Constants
from saecore.report.judging.registration import registered_verdict
from saecore.report.judging.rule import (
    Part,
    Verdict,
    claim_verdict,
    judged_part,
    measured,
    part_from,
    part_stated,
)
from saecore.report.paths import LOCAL_RESULTS, claims_file, results_folder
from saecore.report.rendering import VERDICT
from saecore.report.results import fair_atol, page_tolerance, show

WORLD = "world"
"""The profile under which verdicts on a world are stored."""


class Conclusion(NamedTuple):
    """What `conclude` found."""

    verdict: Verdict
    """Of the whole claim, from its core parts."""
    parts: dict[str, Verdict]
    """Of each part, by name."""
    path: Path
    """The file that was written."""


@dataclass(frozen=True)
class Claim:
    """A claim: the paper's sentence with its place, the rule with its constants, parts.

    `words` says in plain words what each number of the parts is; `scope` of what it is
    judged, by subject: "model" (a language model) and "world", each with architecture
    and size; `template` is the rule as the file has it, with placeholders where `rule`
    has the constants.
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
    scope: dict[str, str] = field(default_factory=dict)
    constants: Constants = field(default_factory=lambda: Constants({}))
    template: str = ""

    @classmethod
    def names(cls, path: Path | None = None) -> list[str]:
        """The claims of book/claims.toml, in its order."""
        path = path or claims_file()
        return list(tomllib.loads(path.read_text(encoding="utf-8")))

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
        judged = [judged_part(part, found) for part, can in asked if can]
        left_out = [
            part_stated(part) | {"verdict": None} for part, can in asked if not can
        ]
        core = [part["verdict"] for part in judged + left_out if part["core"]]
        twin = {"claim": self.name, "says": self.says, "sentence": self.sentence}
        twin |= {"source": self.source, "verdict": claim_verdict(core)}
        twin |= {"scope": self._scope_on(Path(profile).name)}
        twin |= {"registered": registered_verdict(self.name, Path(profile).name)}
        twin |= {"profile": Path(profile).name, "world_seed": world_seed}
        twin |= page_tolerance(rtol=(rtol, 0.02), atol=(atol, 1e-6))
        twin |= {"parts": judged, "left_out": left_out}
        twin |= {"words": {name: self.words[name] for name in found}}
        twin |= {"numbers": {name: list(number) for name, number in found.items()}}
        return twin | {"atol": fair_atol(twin)}

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

    def _scope_on(self, profile: str) -> str:
        """Of what the claim is judged on a profile: its own words, or a subject's."""
        subject = "world" if profile == WORLD else "model"
        return self.scope.get(profile, self.scope.get(subject, ""))

    def _check(self, numbers: Mapping[str, Any]) -> None:
        if missing := [name for name in self.needs() if name not in numbers]:
            raise ValueError(
                f"claim {self.name!r} is judged by {self.needs()}, but {missing} did "
                "not come: measure them"
            )
        if unread := self.constants.unread():
            raise ValueError(
                f"claim {self.name!r} states the constants {unread} in claims.toml, "
                "but nothing has read them: hand claim.constants[...] to what measures"
            )


def _fields(name: str, table: dict[str, Any]) -> dict[str, Any]:
    """The fields of Claim from its table in the file. Raises KeyError if one lacks."""
    constants = Constants(table.pop("constants", {}), claim=name)
    parts = tuple(part_from(part) for part in table.pop("parts"))
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


def _store(twin: dict[str, Any], results: Path) -> Path:
    path = results / twin["profile"] / f"{twin['claim']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(
        json.dumps(twin, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        encoding="utf-8",
    )
    part.replace(path)
    if results == LOCAL_RESULTS:
        where = "set SAECORE_RESULTS to keep verdicts elsewhere"
        print(f"saecore: wrote {path} in this folder; {where}", file=sys.stderr)
    return path
