"""Gates by accuracy: a language model is asked what it can answer, and nothing else.

For every task the model answers questions in context. A task whose share of right
answers (the right one is the likeliest of the task's) is below `LEAST_RIGHT` is not
asked on any page: where a model does not know a fact, no latent can carry it, and an
edit has nothing to move. The threshold was written down before the questions were asked
of SmolLM2 in this form, but with earlier trials of that model at hand, in which it lay
between tasks at .78 and above and tasks at .52 and below.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile
from typing import NamedTuple, get_args

from saecore.errors import Unsuited
from saecore.places import as_others
from saecore.seeding import stable_seed
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.answers import accuracy
from saecore.source.tasks.facts import (
    Facts,
    Prompt,
    choices,
    prompt_of,
    prompts,
    read_facts,
)
from saecore.source.tasks.templates import Task
from saecore.source.tasks.vocabulary import whole_words
from saecore.source.untaught.worked import not_shown, worked_question

LEAST_RIGHT = 0.7
GATE_QUESTIONS = 100
"""Questions of a task at most."""


class Gate(NamedTuple):
    """How well a language model does one task in context."""

    right: float
    """Share of questions whose answer is the likeliest of all answers of the task."""
    exact: float
    """Share whose answer is the likeliest of all tokens."""
    baseline: float
    """Share that the commonest answer would get right."""
    asked: int
    """Number of questions."""
    left_out: int
    """Questions that were not asked, since their answer is several tokens."""
    examples: int
    """Worked examples before each."""

    @property
    def passed(self) -> bool:
        """Whether the task is asked."""
        return self.right >= LEAST_RIGHT


def task_gates(
    model: OpenModel,
    *,
    examples: int,
    count: int = GATE_QUESTIONS,
    facts: Facts | None = None,
) -> dict[Task, Gate]:
    """All tasks, each with its gate; a task of which nothing can be asked is nan."""
    facts = facts or read_facts()
    tasks: tuple[Task, ...] = get_args(Task)
    return {
        task: _gate(model, task, examples=examples, count=count, facts=facts)
        for task in tasks
    }


def _gate(
    model: OpenModel, task: Task, *, examples: int, count: int, facts: Facts
) -> Gate:
    shown = 0 if task == "ioi" else examples
    every = questions_in_context(model, task, examples=shown, count=count, facts=facts)
    asked = answerable(model, every)
    if not asked:
        nan = float("nan")
        return Gate(nan, nan, nan, 0, len(every), shown)
    found = accuracy(model, asked)
    left_out = len(every) - len(asked)
    return Gate(*found[:3], len(asked), left_out, shown)


def questions_in_context(
    model: OpenModel,
    task: Task,
    *,
    examples: int,
    count: int,
    facts: Facts,
    seed: int = 0,
) -> list[Prompt]:
    """Questions about drawn subjects that no worked example shows."""
    template = worked_question(task, examples, seed=seed, facts=facts)
    if task == "ioi":
        return prompts(task, template=template, count=count, facts=facts, seed=seed)
    words = whole_words(model) if task == "letter" else ()
    known = not_shown(task, facts, words)
    if task == "pronoun":  # of names, as pages ask: not who a person was
        known = [one for one in known if one.word in _first_names(facts)]
    drawn = Random(stable_seed("gate", seed, task)).sample(known, len(known))[:count]
    options = choices(task, facts)
    return [prompt_of(one, template, options=options, facts=facts) for one in drawn]


def _first_names(facts: Facts) -> set[str]:
    return {name for names in facts.names.values() for name in names}


def answerable(model: OpenModel, asked: list[Prompt]) -> list[Prompt]:
    """Questions whose answer is one token, with the choices that are."""
    words = {word for one in asked for word in one.choices}
    single = {word for word in words if len(model.encode(f" {word}")) == 2}
    return [
        one._replace(choices=tuple(word for word in one.choices if word in single))
        for one in asked
        if one.answer in single
    ]


def stored_gates(model: OpenModel, folder: Path, *, examples: int) -> dict[Task, Gate]:
    """The gates of a language model, from `folder` if they were measured before."""
    path = (
        folder / f"{model.identity.fingerprint[:12]}-{examples}-{GATE_QUESTIONS}.json"
    )
    if path.is_file():
        return {
            task: Gate(*line) for task, line in json.loads(path.read_text()).items()
        }
    found = task_gates(model, examples=examples)
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=folder, delete=False, prefix=".") as part:
        json.dump(found, part)
    as_others(Path(part.name))
    os.replace(part.name, path)
    return found


def passed(found: Mapping[Task, Gate], task: Task, *, name: str) -> Gate:
    """The gate of a task that is asked. Raises Unsuited, with the number, for one that
    is not.
    """
    gate = found[task]
    if gate.passed:
        return gate
    raise Unsuited(
        f"a task is asked of a language model that gets a share of {LEAST_RIGHT:.2f} "
        f"of its questions right, but of {gate.asked} questions about {task} in "
        f"context ({gate.examples} worked examples) {name} gets {gate.right:.2f}: "
        "use a model that can answer them"
    )
