"""Whether a claim's questions are asked of a profile's language model."""

from collections.abc import Iterable
from typing import Any

from saecore.profiles import Profile
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks.templates import Task
from saecore.source.tasks.words import AskedWords
from saecore.source.untaught.context_words import ContextWords
from saecore.source.untaught.gates import LEAST_RIGHT, Gate, passed, stored_gates
from saecore.source.untaught.worked import ASKING
from saecore.zoo.store import Zoo

GATES = "gates"
"""Folder of the zoo in which gates are kept."""


def measured_gates(zoo: Zoo, profile: Profile, model: OpenModel) -> dict[Task, Gate]:
    """Every task's gate, measured once for a language model and kept in the zoo."""
    folder = zoo.root / GATES
    return stored_gates(model, folder, examples=profile.in_context)


def require_tasks(zoo: Zoo, profile: Profile, model: OpenModel, *tasks: Task) -> None:
    """Raise Unsuited, with the number, unless the model can do all of some tasks.

    A model that was taught the questions (no `in_context`) is asked without a gate: the
    pages measure its answers themselves.
    """
    if not profile.in_context:
        return
    found = measured_gates(zoo, profile, model)
    for task in tasks:
        passed(found, task, name=profile.name)


def asked_only(
    zoo: Zoo, profile: Profile, recipes: Iterable[Any]
) -> tuple[list[Any], str]:
    """The recipes that no gate forbids, and a sentence about the others: SAEs of words
    or names serve questions that the model has to be able to answer.
    """
    recipes = list(recipes)
    if not profile.in_context or not any(tasks_needed(one) for one in recipes):
        return recipes, ""
    found = measured_gates(zoo, profile, open_model(profile.folder))
    kept = [one for one in recipes if all(found[t].passed for t in tasks_needed(one))]
    tasks = {task for one in recipes for task in tasks_needed(one)}
    failed = [
        f"{task} {found[task].right:.2f}"
        for task in ASKING
        if task in tasks and not found[task].passed
    ]
    if len(kept) == len(recipes):
        return kept, ""
    return kept, (
        f"left out: {len(recipes) - len(kept)} artefacts about what {profile.name} "
        f"cannot answer (share right in context: {', '.join(failed)}; "
        f"{LEAST_RIGHT:.2f} is asked for)"
    )


def tasks_needed(recipe: Any) -> tuple[Task, ...]:
    """The questions that something made of words serves."""
    sae = getattr(recipe, "sae", recipe)
    source = getattr(getattr(sae, "site", sae), "source", None)
    if isinstance(source, ContextWords):
        return ("letter",)
    if isinstance(source, AskedWords):
        return tuple(task for task in ASKING if task in source.tasks)
    return ()
