"""Whole runs whose results are committed: the registered world seeds, and language
models trained with other seeds.

    book/results/seeds/<seed>/<profile>/<claim>.json
    book/results/seeds/<seed>/<claim>-full.json     what is too dear for every run
    book/results/models/<model>/<profile>/<claim>.json

made.json beside them says when, with which version, and from which artefacts.
"""

import datetime
import importlib.util
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from saecore import __version__
from saecore.book import build
from saecore.claims import all_recipes, sites, verdicts
from saecore.profiles import Profile
from saecore.recipes import keys
from saecore.zoo.estimate import estimate
from saecore.zoo.store import Zoo

KEY_DIGITS = 16
"""Digits of a key that are kept."""


def costs_said(
    profile: Profile, seeds: Iterable[int], models: Iterable[Path]
) -> list[str]:
    """What each run has to make, a sentence each, said before the first begins."""
    said = []
    for name, one in named_profiles(profile, seeds, models).items():
        zoo = sites.open_zoo(one)
        said.append(f"{name}: {estimate(zoo, all_recipes.possible(zoo, one)[0])}")
    return said


def named_profiles(
    profile: Profile, seeds: Iterable[int], models: Iterable[Path]
) -> dict[str, Profile]:
    """By name: the profile with each world seed, and with each other language model in
    the same sizes.
    """
    of_seeds = {f"world seed {s}": replace(profile, world_seed=s) for s in seeds}
    return of_seeds | {
        f"model {folder.name}": replace(profile, name=folder.name, folder=folder)
        for folder in models
    }


def run_seed(root: Path, profile: Profile, seed: int, say: build.Say = print) -> Path:
    """Train what one world seed needs, run every page, and store its verdicts."""
    one = replace(profile, world_seed=seed)
    zoo = sites.open_zoo(one)
    wanted = all_recipes.possible(zoo, one)[0]
    zoo.make(wanted)
    folder = root / "_build" / "full" / f"seed-{seed}"
    pages = build.run(root, folder, profile=one.said, world_seed=seed, say=say)
    if stopped := build.stopped(pages):
        raise ValueError(
            f"every page must run on world seed {seed}, but these did not: {stopped}"
        )
    target = root / "book" / "results" / "seeds" / str(seed)
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted(pages.results.glob("*/*.json")):
        write_json(target / path.parent.name / path.name, json.loads(path.read_text()))
    for claim, found in extras(zoo, one):
        write_json(target / f"{claim}-full.json", found)
    write_json(target / "made.json", artefact_facts(wanted))
    return target


def extras(zoo: Zoo, profile: Profile) -> Iterator[tuple[str, dict[str, Any]]]:
    """What claims measure in whole runs only, as it is too dear for every run: those
    with a module `full`.
    """
    for claim in verdicts.names():
        home = f"saecore.claims.{claim}.full"
        if importlib.util.find_spec(home) is not None:
            yield claim, importlib.import_module(home).full(zoo, profile)


def run_model(
    root: Path, profile: Profile, folder: Path, say: build.Say = print
) -> Path:
    """Train what another language model needs, in the sizes of `profile`, and store
    the verdicts of the claims' studies.
    """
    one = named_profiles(profile, (), [folder])[f"model {folder.name}"]
    zoo = sites.open_zoo(one)
    wanted = all_recipes.possible(zoo, one)[0]
    zoo.make(wanted)
    target = root / "book" / "results" / "models" / folder.name
    shutil.rmtree(target, ignore_errors=True)
    for twin in verdicts.verdicts(verdicts.names(), zoo, one):
        if isinstance(twin, str):
            say(f"   {twin}")
        elif twin["profile"] == one.name:
            write_json(target / one.name / f"{twin['claim']}.json", twin)
    write_json(target / "made.json", artefact_facts(wanted))
    return target


def artefact_facts(wanted: Iterable[Any]) -> dict[str, Any]:
    """Date, version, and the beginnings of the keys of all artefacts, by kind."""
    found: dict[str, list[str]] = {}
    for recipe in wanted:
        found.setdefault(recipe.folder, []).append(recipe.key[:KEY_DIGITS])
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    made = {"date": today, "version": __version__, "build": keys.BUILD}
    return made | {"keys": {kind: sorted(some) for kind, some in found.items()}}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON in one step: a kill leaves the old file, never half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)
