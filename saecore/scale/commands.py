"""What `saecore batch` does: plan, make, table."""

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from saecore.claims import all_recipes, by_page, sites
from saecore.errors import MissedSparsity, ZooError
from saecore.linear import CHOICE
from saecore.profiles import Profile
from saecore.recipes.keys import key, restored
from saecore.scale.batch_plan import (
    BUNDLE,
    Machine,
    batch_plan,
    read_plan,
    write_whole,
)
from saecore.scale.markers import (
    MADE,
    marker_of,
    refusals,
    to_make,
    write_marker,
)
from saecore.scale.sweep import read_sweep
from saecore.training.compiled_selection import chosen_kernels
from saecore.zoo.artefact import NOTE, folder_of
from saecore.zoo.plan import everything_under
from saecore.zoo.store import Zoo
from saecore.zoo.worker import opened_zoo

READ = ("rows", "tokens")
"""Kinds that a page reads beside what its SAEs rest on."""


def write_plan(
    out: Path, profile: Profile, sweep: Path | None, *, bundle: float = BUNDLE
) -> str:
    """The plan of a sweep, or of the book with its pages, into a file; a line on it.

    What says that a job is done, and is wrong because its artefacts are gone, is
    removed.
    """
    plan = _of_book(profile, bundle) if sweep is None else _of_sweep(sweep, bundle)
    for name, job in plan["jobs"].items():
        marker = marker_of(out.parent / MADE, name)
        if not job["done"] and refusals(marker):
            job["done"] = True
        elif not job["done"]:
            marker.unlink(missing_ok=True)
    write_whole(out, plan | {"kernels": chosen_kernels()})
    left = [job for job in plan["jobs"].values() if not job["done"]]
    hours = sum(job["seconds"] for job in left) / 3600
    return (
        f"{len(left)} of {len(plan['jobs'])} jobs to do, about {hours:.1f} core hours"
    )


def _of_sweep(file: Path, bundle: float) -> dict[str, Any]:
    tables = read_sweep(file)
    machines: dict[Any, Machine] = {}
    for table in tables:
        for recipe in table.recipes:
            machines.setdefault(recipe, table.machine)
    places = {model: at for table in tables for model, at in table.places.items()}
    zoo = Zoo(places=places, workers=1)
    return batch_plan(zoo, machines, machines, bundle=bundle) | {"pages": {}}


def _of_book(profile: Profile, bundle: float) -> dict[str, Any]:
    """All that `saecore zoo` makes, and the jobs that each page waits for."""
    zoo = sites.open_zoo(profile)
    wanted, left_out = all_recipes.possible(zoo, profile)
    asked = {page: by_page.asked_by(page, zoo, profile) for page in by_page.PAGES}
    read = [one for some in asked.values() for one in some if one.folder in READ]
    plan = batch_plan(zoo, [*wanted, *read], {}, bundle=bundle)
    home = {one: name for name, job in plan["jobs"].items() for one in job["keys"]}
    pages = {
        page: sorted({home[key(o)] for o in everything_under(some) if key(o) in home})
        for page, some in asked.items()
    }
    return plan | {"pages": pages, "left_out": left_out}


def make_jobs(file: Path, names: Sequence[str], *, device: str = "cpu") -> list[str]:
    """Make jobs of a plan, by their names or by beginnings of keys in them; a line on
    each.

    All jobs of a plan take the kernels that the machine of the plan would, so that they
    round alike. What is there already is not made again, whoever made it; another
    process that makes the same is waited for. An SAE whose L0 is off is noted as
    refused, with what rests on it, and is not trained again.
    """
    plan = read_plan(file)
    os.environ.setdefault(CHOICE, plan["kernels"])
    zoo = opened_zoo(json.dumps(plan["zoo"]))
    zoo.device = device
    told = []
    for name in dict.fromkeys(job_named(plan, said) for said in names):
        refused = _made(zoo, file.parent / MADE, plan["jobs"], name)
        told += [f"{name}: {why}" for why in refused.values()] or [f"{name}: made"]
    return told


def _own_sentence(refusal: MissedSparsity, slug: str) -> str:
    """What a refusal says of one artefact; all of it where it does not name it."""
    said = map(str, refusal.args)
    return next((one for one in said if f" {slug} has " in one), str(refusal))


def job_named(plan: Mapping[str, Any], said: str) -> str:
    """The name of a job, from it or from the beginning of a key. Raises ValueError."""
    found = [
        name
        for name, job in plan["jobs"].items()
        if name == said or (said and any(one.startswith(said) for one in job["keys"]))
    ]
    if len(found) != 1:
        raise ValueError(
            "a job is asked for by its name or the beginning of a key in it, but "
            f"{said!r} is that of {len(found) or 'none'}: take a name from the plan"
        )
    return found[0]


def _made(zoo: Zoo, made: Path, jobs: Mapping[str, Any], name: str) -> dict[str, str]:
    """Make one job and note it; what was refused, by key."""
    recipes, refused = to_make(made, jobs, name)
    try:
        zoo.make(recipes.values())
    except MissedSparsity as refusal:
        gone = {one: r for one, r in recipes.items() if zoo.find(r) is None}
        refused |= {one: _own_sentence(refusal, r.slug) for one, r in gone.items()}
    write_marker(made, jobs, name, refused)
    return refused


def table_of_made(file: Path) -> list[dict[str, Any]]:
    """What a plan's jobs have made, its checksums compared: slug, key, L0, FVU and the
    sha256 of its files; for what was refused, why.

    Raises ZooError if something is neither there nor refused.
    """
    plan = read_plan(file)
    zoo = opened_zoo(json.dumps(plan["zoo"]))
    rows, missing = [], []
    for name, job in plan["jobs"].items():
        refused = refusals(marker_of(file.parent / MADE, name))
        for one, recipe in zip(job["keys"], map(restored, job["recipes"]), strict=True):
            if zoo.find(recipe) is not None:
                rows.append({"slug": recipe.slug, "key": one, **_noted(zoo, recipe)})
            elif one in refused:
                rows.append({"slug": recipe.slug, "key": one, "refused": refused[one]})
            else:
                missing.append(recipe.slug)
    if missing:
        raise ZooError(
            f"all {len(rows) + len(missing)} artefacts of the plan must be there, but "
            f"{len(missing)} are not ({', '.join(missing[:3])}...): run it again"
        )
    return sorted(rows, key=lambda row: (row["slug"], row["key"]))


def _noted(zoo: Zoo, recipe: Any) -> dict[str, Any]:
    note = json.loads((folder_of(zoo.root, recipe) / NOTE).read_text())
    shown = {name: note["made"][name] for name in ("l0", "fvu") if name in note["made"]}
    return shown | {"files": note["files"]}


def _plan(options: argparse.Namespace, profile: Profile) -> list[str]:
    given = {} if options.bundle is None else {"bundle": options.bundle}
    return [write_plan(options.file, profile, options.sweep, **given)]


def _make(options: argparse.Namespace, profile: None) -> list[str]:
    return make_jobs(options.file, options.names, device=options.device)


def _table(options: argparse.Namespace, profile: None) -> list[str]:
    rows = table_of_made(options.file)
    write_whole(options.out, rows)
    return [f"{len(rows)} artefacts, in {options.out}"]


ACTS: dict[str, Callable[..., list[str]]] = {
    "plan": _plan,
    "make": _make,
    "table": _table,
}
"""By name: lines to print, from what was said and the profile."""
