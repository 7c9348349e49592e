"""The verdicts of whole runs that are committed: world seeds, and language models
trained with other seeds.

Each run is a folder of book/results/seeds (by world seed) or book/results/models (by
model), with <profile>/<claim>.json as `conclude` stores them, and made.json: when, with
which version, and from which artefacts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.judging.claim import WORLD, Claim
from saecore.report.judging.registration import registration
from saecore.report.paths import claims_file

StoredTwin = dict[str, Any]


class StoredRun(NamedTuple):
    """One whole run and what it found."""

    name: str
    """For people, such as "world seed 7"."""
    registered: bool
    """Whether it is the run that judges parts which were written after looking."""
    made: dict[str, Any]
    """What made.json says: date, version, artefacts."""
    verdicts: dict[tuple[str, str], StoredTwin]
    """By claim and subject ("model" or "world"), the verdict as it was stored."""


class StoredPart(NamedTuple):
    """One part of a claim in one run."""

    claim: str
    subject: str
    part: str
    """Its name in book/claims.toml."""
    says: str
    core: bool
    run: str
    verdict: str
    number: tuple[float, float, float] | None
    """What is shown of it, with its interval."""
    null: tuple[float, float, float] | None
    """What chance gives."""


def stored_runs(results: Path | None = None) -> list[StoredRun]:
    """World seeds in the order in which they were registered, then language models."""
    results = results or claims_file().parent / "results"
    stated = registration()
    seeds = [str(seed) for seed in stated.seeds] if stated else []
    judge = str(stated.judge) if stated else ""
    runs = [
        _read(results / "seeds" / seed, f"world seed {seed}", registered=seed == judge)
        for seed in seeds
        if (results / "seeds" / seed).is_dir()
    ]
    models = sorted(p for p in (results / "models").glob("*") if p.is_dir())
    return runs + [_read(p, f"model {p.name}", registered=False) for p in models]


def stored_extra(claim: str, results: Path | None = None) -> dict[str, Any]:
    """What a whole run on world seed 0 measured of a claim beyond its study; empty if
    none is stored.
    """
    results = results or claims_file().parent / "results"
    path = results / "seeds" / "0" / f"{claim}-full.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def stored_parts(runs: list[StoredRun]) -> list[StoredPart]:
    """Every part of every claim in every run that has it, in the book's order."""
    order = {name: place for place, name in enumerate(Claim.names())}
    found = [part for run in runs for part in _parts(run) if part.claim in order]
    return sorted(found, key=lambda part: order[part.claim])


def _read(folder: Path, name: str, *, registered: bool) -> StoredRun:
    made = folder / "made.json"
    facts = json.loads(made.read_text(encoding="utf-8")) if made.is_file() else {}
    verdicts = {}
    for path in sorted(folder.glob("*/*.json")):
        subject = WORLD if path.parent.name == WORLD else "model"
        twin = json.loads(path.read_text(encoding="utf-8"))
        verdicts[twin["claim"], subject] = twin
    return StoredRun(name, registered, facts, verdicts)


def _parts(run: StoredRun) -> Iterator[StoredPart]:
    for (claim, subject), twin in run.verdicts.items():
        for part in twin["parts"]:
            shown, null = (
                tuple(twin["numbers"][name]) if name in twin["numbers"] else None
                for name in (part["shows"], part["null"])
            )
            named = (claim, subject, part["name"], part["says"], part["core"])
            yield StoredPart(*named, run.name, part["verdict"], shown, null)
