"""What says that a job is done: a file beside its plan, with what had to be refused.

It only spares a batch queue the question. What is made is known by its key, in the zoo.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saecore.recipes.keys import key, restored
from saecore.scale.batch_plan import write_whole
from saecore.zoo.plan import everything_under

MADE = "made"
"""The folder of these files, beside a plan."""


def marker_of(made: Path, name: str) -> Path:
    """The file of a job."""
    return made / f"{name}.json"


def refusals(marker: Path) -> dict[str, str]:
    """What a job that has been done had to refuse, by key."""
    try:
        return dict(json.loads(marker.read_text(encoding="utf-8"))["refused"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def to_make(
    made: Path, jobs: Mapping[str, Any], name: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """A job's recipes by key, without those that are refused already, or that rest on
    what is; and these, with the reason.
    """
    job = jobs[name]
    recipes = dict(zip(job["keys"], map(restored, job["recipes"]), strict=True))
    refused = refusals(marker_of(made, name))
    lost = {one for need in job["needs"] for one in refusals(marker_of(made, need))}
    for one, recipe in recipes.items():
        if lost & {key(below) for below in everything_under(recipe.needs)}:
            refused[one] = f"{recipe.slug} rests on what was refused"
    return {one: r for one, r in recipes.items() if one not in refused}, refused


def write_marker(
    made: Path, jobs: Mapping[str, Any], name: str, refused: Mapping[str, str]
) -> None:
    """Note that a job is done."""
    content = {"keys": jobs[name]["keys"], "refused": dict(refused)}
    write_whole(marker_of(made, name), content)
