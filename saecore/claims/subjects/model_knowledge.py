"""The small language model: how it reads, what it knows, and where it knows it."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from saecore.profiles import TINY, Profile
from saecore.source.model.generation import sample
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks import answers, facts
from saecore.source.tasks.vocabulary import whole_words

TAUGHT_TASKS: tuple[facts.Task, ...] = (
    "letter",
    "category",
    "country",
    "profession",
    "pronoun",
    "ioi",
)
ASKED, SWAPPED_PROMPTS = 400, 300
WRITTEN, WRITTEN_LENGTH = 3, 70
"""How many texts the model writes, and of how many tokens."""


class Knowledge(NamedTuple):
    """What a model answers, and where the answer is read; empty without tasks."""

    scores: dict[tuple[str, bool], answers.Accuracy]
    """By task, and whether the templates are unseen."""
    swaps: dict[str, list[answers.SwapRates]]
    """By task, per layer: what becomes of the answer when the word is swapped."""

    def rows(self) -> list[dict[str, Any]]:
        """A row per task: shares of prompts that are answered rightly."""
        return [
            {
                "task": task,
                "trained templates": self.scores[task, False].right,
                "unseen templates": self.scores[task, True].right,
                "commonest answer": self.scores[task, False].baseline,
            }
            for task in dict.fromkeys(task for task, _ in self.scores)
        ]

    def swap_rows(self) -> list[dict[str, Any]]:
        """A row per task and layer: answers that follow the other word, or keep."""
        return [
            {"task": task, "layer": layer, "follows": one.follows, "keeps": one.keeps}
            for task, rates in self.swaps.items()
            for layer, one in enumerate(rates)
        ]


def tasks_of(profile: Profile) -> tuple[facts.Task, ...]:
    """The tasks that the shipped model was taught; none for any other."""
    return TAUGHT_TASKS if profile.folder == TINY else ()


def measured_in_training(profile: Profile, name: str) -> Any:
    """What was stored with the shipped model ("evaluation" or "self_text"); {} for any
    other.
    """
    if profile.folder != TINY:
        return {}
    return json.loads((profile.folder / f"{name}.json").read_text())


def written_texts(model: OpenModel) -> list[str]:
    """Texts that the model writes by itself, at temperature 1, not chosen."""
    generator = torch.Generator().manual_seed(1)
    drawn = sample(model, WRITTEN, WRITTEN_LENGTH, generator=generator)
    return [model.decode(text[1:].tolist()).strip() for text in drawn]


def knowledge(
    model: OpenModel,
    tasks: Sequence[facts.Task],
    *,
    asked: int = ASKED,
    swapped: int = SWAPPED_PROMPTS,
) -> Knowledge:
    """Ask `asked` prompts of each task, and swap the word of `swapped` more at every
    layer.
    """
    vocabulary = whole_words(model)
    scores = {
        (task, unseen): answers.accuracy(
            model, facts.prompts(task, unseen=unseen, words=vocabulary, count=asked)
        )
        for task in tasks
        for unseen in (False, True)
    }
    swaps = {}
    for task in tasks:
        if task == "ioi":  # hangs on two names
            continue
        template = facts.TRAINED[task][1]
        prompts = facts.prompts(
            task, words=vocabulary, template=template, count=swapped
        )
        layers = range(model.n_layers)
        swaps[task] = [answers.swap(model, prompts, layer) for layer in layers]
    return Knowledge(scores, swaps)
