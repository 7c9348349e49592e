"""What a real language model gives, stored: the claims' verdicts, convergence curves,
and what the model can be asked.

    book/results/<profile>/<claim>.json       the verdict, as `conclude` stores it
    book/results/<profile>/details/*.json     curves, gates, first letters, made

details/made.json says when, on what, from which artefacts, and by which code.
"""

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from saecore.book import provenance
from saecore.claims import all_recipes, by_page, sites
from saecore.claims.absorption.below.first_letter import first_letter
from saecore.claims.convergence.curves import curve_points
from saecore.claims.gated import measured_gates
from saecore.errors import MissedSparsity, Unsuited
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.report.judging.real_model import DETAILS, MADE
from saecore.report.judging.study_digest import study_digest
from saecore.source.model.language_model import open_model
from saecore.whole_runs.full_run import artefact_facts, write_json
from saecore.zoo.artefact import locked
from saecore.zoo.plan import everything_under
from saecore.zoo.store import Zoo

Extra = Callable[[Zoo, Profile], dict[str, Any]]
EXTRA: dict[str, tuple[str, Extra]] = {"absorption": ("first_letter", first_letter)}
"""By claim: a name, and what is stored beside the verdict, or in its place."""


class JudgedClaim(NamedTuple):
    """One claim on a language model."""

    twin: dict[str, Any] | None
    """The verdict as it is stored; None if the model cannot be asked."""
    extra: dict[str, Any]
    """By name: what is stored beside it."""
    refusal: str
    """Why it was not judged; empty if it was."""
    seconds: float
    """That it took, without training."""


def stored_claims() -> list[str]:
    """The claims that are judged on a language model."""
    return [name for name in Claim.names() if Claim.read(name).scope.get("model")]


def run_real(
    root: Path,
    profile: Profile,
    claims: Sequence[str] = (),
    say: Callable[[str], object] = print,
) -> Path:
    """Judge claims on the profile's language model, by default all, and store what came
    of it below book/results; what is missing in the zoo is made.
    """
    zoo, target = sites.open_zoo(profile), root / "book" / "results" / profile.name
    for name in claims or stored_claims():
        one = judged(name, zoo, profile)
        say(f"   {name}: {one.refusal or _said(one)}")
        path = target / f"{name}.json"
        path.unlink(missing_ok=True)
        if one.twin:
            write_json(path, one.twin)
        for extra, found in one.extra.items():
            write_json(target / DETAILS / f"{extra}.json", without_nan(found))
        own = {
            "refusal": one.refusal,
            "seconds": round(one.seconds),
            "digest": study_digest(name),
            "keys": artefact_facts(_wanted(name, zoo, profile))["keys"],
        }
        with locked(root / "_build" / "results"):  # two runs may end at once
            _note(target / DETAILS / MADE, name, own)
    return target


def run_curves(
    root: Path, profile: Profile, say: Callable[[str], object] = print
) -> Path:
    """Measure the profile's convergence curves and gates, and store them likewise."""
    zoo = sites.open_zoo(profile)
    folder = root / "book" / "results" / profile.name / DETAILS
    gates = measured_gates(zoo, profile, open_model(profile.folder))
    write_json(
        folder / "gates.json",
        without_nan(
            {t: one._asdict() | {"asked of it": one.passed} for t, one in gates.items()}
        ),
    )
    points: list[dict[str, Any]] = []
    for some in curve_points(zoo, profile):  # each takes a while
        points += [one.row() for one in some]
        write_json(folder / "curves.json", without_nan({"points": points}))
        say(f"   {len(points)} points of curves")
    return folder


def judged(name: str, zoo: Zoo, profile: Profile) -> JudgedClaim:
    """The study of one claim, judged on the language model alone."""
    begun, twin, refusal = time.monotonic(), None, ""
    try:
        study = import_module(f"saecore.claims.{name}").study(zoo, profile)
        twin = study.claim.judge(
            profile=profile.name,
            world_seed=profile.world_seed,
            numbers=study.numbers["model"],
        )
    except (Unsuited, MissedSparsity) as why:
        refusal = str(why)
    found = {called: of(zoo, profile) for called, of in _extras(name)}
    return JudgedClaim(twin, found, refusal, time.monotonic() - begun)


def _extras(name: str) -> Iterator[tuple[str, Extra]]:
    if name in EXTRA:
        yield EXTRA[name]


def run_facts() -> dict[str, Any]:
    """When and on what a run was made."""
    found = artefact_facts(())
    return {
        "date": found["date"],
        "version": found["version"],
        "build": found["build"],
        "machine": provenance.machine(),
    }


def without_nan(found: Any) -> Any:
    """The same with None for what is no number, as JSON has none for it."""
    if isinstance(found, dict):
        return {str(key): without_nan(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [without_nan(value) for value in found]
    return None if isinstance(found, float) and not math.isfinite(found) else found


def _wanted(name: str, zoo: Zoo, profile: Profile) -> Iterable[Any]:
    page = Claim.read(name).notebook.removeprefix("notebooks/")
    asked = set(by_page.asked_by(page, zoo, profile))
    kept = set(all_recipes.possible(zoo, profile, [page])[0])
    every = everything_under(asked & kept)
    return [one for one in every if hasattr(one, "key")]


def _said(one: JudgedClaim) -> str:
    assert one.twin is not None
    parts = ", ".join(f"{p['name']} {p['verdict']}" for p in one.twin["parts"])
    return f"{one.twin['verdict']} ({parts}; {one.seconds:.0f} s)"


def _note(path: Path, name: str, own: dict[str, Any]) -> None:
    """Add what a claim rests on to what is noted of others."""
    made = json.loads(path.read_text()) if path.is_file() else {"claims": {}}
    made["claims"][name] = own
    write_json(path, made | run_facts())
