"""The small language model: how it reads, what it knows, and where it knows it."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from saecore.measures.algebra.intervals import wilson
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
ASKED, SWAPPED_PROMPTS, EXCHANGED = 400, 300, 60
"""Prompts that are asked, prompts whose word is swapped, and of two names those whose
answer's name is exchanged.
"""
ANSWERS_LEVEL = 0.95
WRITTEN, WRITTEN_LENGTH = 3, 70
"""How many texts the model writes, and of how many tokens."""


class Knowledge(NamedTuple):
    """What a model answers, and where the answer is read; empty without tasks."""

    scores: dict[tuple[str, bool], answers.Accuracy]
    """By task, and whether the templates are unseen."""
    swaps: dict[str, list[answers.SwapRates]]
    """By task, per layer: what becomes of the answer when the word is swapped."""

    @property
    def tasks(self) -> list[str]:
        """The tasks, in the order of asking."""
        return list(dict.fromkeys(task for task, _ in self.scores))

    def rows(self) -> list[dict[str, Any]]:
        """A row per task: shares of prompts that are answered rightly, and whether the
        model knows the fact where it does not know the sentence.
        """
        return [
            {
                "task": task,
                "trained templates": self.scores[task, False].right,
                "unseen templates": self.scores[task, True].right,
                "commonest answer": self.scores[task, True].baseline,
                "known in unseen ones": YES_OR_NO[knows(self.scores[task, True])],
            }
            for task in self.tasks
        ]

    def swap_rows(self) -> list[dict[str, Any]]:
        """A row per task and layer: answers that follow the other word, or keep."""
        return [
            {"task": task, "layer": layer, "follows": one.follows, "keeps": one.keeps}
            for task, rates in self.swaps.items()
            for layer, one in enumerate(rates)
        ]


YES_OR_NO = {True: "yes", False: "no", None: "cannot be told"}


def knows(score: answers.Accuracy) -> bool | None:
    """Whether the share of right answers (Wilson's interval) lies above that of the
    commonest answer, or of a guess between two names: True, False, or None where it
    cannot be told.
    """
    right = round(score.right * score.asked)
    interval = wilson(right, score.asked, level=ANSWERS_LEVEL)
    if interval.low > score.baseline:
        return True
    return False if interval.high <= score.baseline else None


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
    swaps = {
        task: [
            answers.swap(model, asked_at_word, layer) for layer in range(model.n_layers)
        ]
        for task in tasks
        if (asked_at_word := swappable(task, vocabulary, count=swapped))
    }
    return Knowledge(scores, swaps)


def swappable(
    task: facts.Task, words: Sequence[str], *, count: int
) -> list[facts.Prompt]:
    """Prompts of one template whose words can be swapped. Of two names it is that of
    the answer: each of these prompts comes with another one, in which a third name
    stands in its place (the exchange of Cunningham et al. 2309.08600, section 4).
    """
    template = facts.TRAINED[task][1]
    if task != "ioi":
        return facts.prompts(task, words=words, template=template, count=count)
    some = min(count, EXCHANGED)
    asked = facts.prompts(task, words=words, template=template, count=some)
    others = [one.answer for one in asked[1:] + asked[:1]]
    return [
        one
        for prompt, other in zip(asked, others, strict=True)
        if other not in prompt.choices
        for one in with_third_name(prompt, other)
    ]


def with_third_name(
    prompt: facts.Prompt, other: str
) -> tuple[facts.Prompt, facts.Prompt]:
    """A prompt of two names as one about its answer, which it names once, and the same
    with another name; both choose among the three.
    """
    name = prompt.answer
    head, tail = prompt.text.split(name)
    choices = (name, other, prompt.word)
    first, second = (
        prompt._replace(
            text=head + one + tail, word=one, answer=one, before=head + one,
            choices=choices,
        )
        for one in (name, other)
    )  # fmt: skip
    return first, second
