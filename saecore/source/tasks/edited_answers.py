"""Activation steering and patching at a word: what a language model answers after the
stream at the word was changed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.errors import Unsuited
from saecore.source.model.language_model import OpenModel
from saecore.source.model.resume import Resumed
from saecore.source.tasks.answers import position
from saecore.source.tasks.facts import Prompt


class Questions(NamedTuple):
    """Prompts that differ in one word of one token only, and their answers."""

    tokens: Int[Tensor, "prompt pos"]
    """The prompts, as tokens."""
    place: int
    """Where the word stands in all of them."""
    choice: Int[Tensor, " choice"]
    """The tokens of all answers to choose from."""
    answer: Int[Tensor, " prompt"]
    """The right one of each prompt, an index into `choice`."""


def questions(model: OpenModel, prompts: Sequence[Prompt]) -> Questions:
    """Prompts for activation patching at one word, asked again and again with edits.

    Raises ValueError unless all have one template and the same choices; Unsuited unless
    all have the same number of tokens and the word at the same place, and each choice
    is one token.
    """
    tokens = [model.encode(prompt.text) for prompt in prompts]
    shapes = {
        (len(ids), position(model, p), p.choices)
        for ids, p in zip(tokens, prompts, strict=True)
    }
    if len({(p.template, p.choices) for p in prompts}) != 1:
        raise ValueError(
            "edited answers need prompts of one template and with the same choices, "
            f"but these have {len(shapes)} shapes: ask one question about all words"
        )
    if len(shapes) != 1:
        raise Unsuited(
            "edited answers need prompts that differ in one word of one token only, "
            f"but in this model these have {len(shapes)} shapes: use a model that "
            f"holds all of the words (such as {prompts[0].word!r}) as one token"
        )
    ((_, place, choices),) = shapes
    choice = torch.tensor([model.token(word) for word in choices])
    answer = torch.tensor([choices.index(prompt.answer) for prompt in prompts])
    return Questions(torch.tensor(tokens), place, choice, answer)


def from_layer(model: OpenModel, asked: Questions, layer: int) -> Resumed:
    """Activation patching after `layer`: questions asked with the stream at the word
    edited.

    `patched(vectors, asked.place, which)` of it gives the logits of the choices for the
    prompts `which`; its stream begins at the word. Raises ValueError for a layer that
    is not there.
    """
    return Resumed(
        model,
        asked.tokens,
        layer,
        start=asked.place,
        last=True,
        lean=True,
        choice=asked.choice,
    )


@torch.no_grad()
def answered(
    text: Resumed,
    asked: Questions,
    which: Int[Tensor, " asked"],
    shift: Float[Tensor, "asked d_model"] | None = None,
    *,
    batch: int = 256,
) -> Int[Tensor, " asked"]:
    """Activation steering: the likeliest choice after a shift of the word's stream.

    `shift` is added for each of the prompts `which` of `text` (see `from_layer`); a
    prompt may be asked several times, with several shifts. Without a shift, what is
    said unedited.
    """
    said = []
    for start in range(0, len(which), batch):
        part = slice(start, start + batch)
        rows = text.stream[which[part], 0]
        if shift is not None:
            rows = rows + shift[part].to(rows)
        logits = text.patched(rows, asked.place, which[part])
        said.append(logits.argmax(1).cpu())
    return torch.cat(said)
