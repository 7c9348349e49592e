"""Concept erasure of gender at a name, before the pronoun: what the model then says.

The erasure experiment of Cunningham et al. (2309.08600v1, known from its code). There
the same names serve to choose the eraser and to judge it, and every position after the
name is edited too; here names are split, and the task is edited at the name alone.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.errors import Unsuited
from saecore.source.model.language_model import OpenModel
from saecore.source.model.resume import Resumed
from saecore.source.tasks.edited_answers import Questions, from_layer, questions
from saecore.source.tasks.facts import (
    PRONOUNS,
    Prompt,
    Subject,
    choices,
    named_subjects,
    prompt_of,
    read_facts,
)
from saecore.source.tasks.templates import TRAINED, UNSEEN

_RowEdit = Callable[[Tensor], Tensor]
"""Rows [..., d_model] -> the same rows, edited."""
Names = Literal["chosen", "held out", "transfer"]

TASK, TRANSFER = TRAINED["pronoun"][4], UNSEEN["pronoun"][1]
FITTED = (TRAINED["pronoun"][3], TASK, TRAINED["pronoun"][6], TRAINED["pronoun"][7])


class ErasureOutcome(NamedTuple):
    """What one eraser does to the task."""

    chosen: float
    """Mean probability of the right pronoun for the names that erasers are chosen
    on.
    """
    held_out: float
    """The same for other names."""
    transfer: float
    """The same for those other names in a sentence that the model was not trained
    on.
    """
    size: float
    """Mean length of the edit at the held-out names."""


class GenderTask:
    """Pronoun prediction, with gender erased at the name by activation patching: first
    names of one token in "In the morning ... walked to the ... with a friend." -> He or
    She.

    Half of each gender's names (drawn by `seed`) are there to fit and choose erasers
    on: `rows` are their streams in four trained sentences and `female` is the label.
    The other half judges, in the same sentence and in one that was never trained on. Of
    an edit only the layers above it are run.
    """

    rows: Float[Tensor, "row d_model"]
    """Streams at the names that erasers are fitted and chosen on."""
    female: Bool[Tensor, " row"]
    """The label of each row."""

    def __init__(self, model: OpenModel, layer: int, *, seed: int = 0) -> None:
        self.model, self.layer = model, layer
        first, second = _halves(model, seed)
        self._asked = {
            "chosen": _Asked.of(model, layer, first, TASK),
            "held out": _Asked.of(model, layer, second, TASK),
            "transfer": _Asked.of(model, layer, second, TRANSFER),
        }
        fit = [_asks(first, template) for template in FITTED]
        self.rows = torch.cat(
            [_rows(model, layer, questions(model, asks)) for asks in fit]
        )
        self.female = torch.tensor(
            [ask.answer == PRONOUNS["F"]["He"] for asks in fit for ask in asks]
        )

    def right(self, eraser: _RowEdit, names: Names = "chosen") -> float:
        """Mean probability of the right one of the two pronouns, with the stream at the
        name edited.
        """
        return float(self.each(eraser, names).mean())

    @torch.no_grad()
    def each(
        self, eraser: _RowEdit, names: Names = "chosen"
    ) -> Float[Tensor, " prompt"]:
        """The probability of the right pronoun for each name; float64."""
        asked = self._asked[names]
        chances = self._logits(eraser, asked).softmax(1)
        return chances[torch.arange(len(chances)), asked.form.answer].double()

    @torch.no_grad()
    def leads(
        self, eraser: _RowEdit, names: Names = "held out"
    ) -> tuple[Float[Tensor, " prompt"], Bool[Tensor, " prompt"]]:
        """The log-odds of the second pronoun over the first for each name, and whether
        it is right.
        """
        asked = self._asked[names]
        logits = self._logits(eraser, asked).double()
        return logits[:, 1] - logits[:, 0], asked.form.answer == 1

    def outcome(self, eraser: _RowEdit) -> ErasureOutcome:
        """All numbers about one eraser."""
        rows = self._asked["held out"].rows
        return ErasureOutcome(
            self.right(eraser),
            self.right(eraser, "held out"),
            self.right(eraser, "transfer"),
            float((eraser(rows) - rows).norm(dim=1).mean()),
        )

    def _logits(
        self, eraser: _RowEdit, asked: "_Asked"
    ) -> Float[Tensor, "prompt choice"]:
        return asked.text.patched(eraser(asked.rows), asked.form.place).cpu()


def gender_tasks(
    model: OpenModel, layers: Sequence[int], *, seed: int = 0
) -> dict[int, GenderTask]:
    """Pronoun prediction with edits at several layers.

    Raises Unsuited unless the right pronoun has a mean probability above one half for
    both halves of the names: there would be nothing to erase.
    """
    tasks = {layer: GenderTask(model, layer, seed=seed) for layer in layers}
    _solved(tasks[layers[0]])
    return tasks


def _solved(task: GenderTask) -> None:
    halves: tuple[Names, ...] = ("chosen", "held out")
    worst = min(task.right(lambda x: x, names) for names in halves)
    if not worst > 0.5:
        raise Unsuited(
            "gender can be erased from a model that tells it from a first name, but "
            f"this one gives the right pronoun a mean probability of {worst:.2f}: use "
            "a model that knows the gender of names"
        )


class _Asked(NamedTuple):
    """One sentence, asked about some names."""

    prompts: list[Prompt]
    form: Questions
    text: Resumed
    rows: Float[Tensor, "prompt d_model"]
    """The stream at the names."""

    @classmethod
    def of(
        cls, model: OpenModel, layer: int, people: Sequence[Subject], template: str
    ) -> "_Asked":
        prompts = _asks(people, template)
        form = questions(model, prompts)
        text = from_layer(model, form, layer)
        return cls(prompts, form, text, text.stream[:, 0].clone())


def _asks(people: Sequence[Subject], template: str) -> list[Prompt]:
    facts = read_facts()
    options = choices("pronoun", facts)
    return [prompt_of(one, template, options=options, facts=facts) for one in people]


def _rows(
    model: OpenModel, layer: int, form: Questions
) -> Float[Tensor, "prompt d_model"]:
    return model.read(form.tokens, [layer])[layer][:, form.place]


def _halves(model: OpenModel, seed: int) -> tuple[list[Subject], list[Subject]]:
    """Every second name of each gender, in a drawn order."""
    names, first, second = read_facts().names, [], []
    for gender, group in sorted(names.items()):
        known = [
            one
            for one in named_subjects({gender: group})
            if len(model.encode(f" {one.word}")) == 2
        ]
        if len(known) < 2:
            raise Unsuited(
                "two names of each gender must be single tokens, but the model has "
                f"{len(known)} of {gender}: use a model that knows more of them"
            )
        Random(f"{seed} {gender}").shuffle(known)
        first += known[::2]
        second += known[1::2]
    return first, second
