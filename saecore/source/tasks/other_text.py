"""Text that an edit of gender should leave alone, with the places that have to do with
gender left out.

A perfect eraser changes what a model expects where a pronoun may follow. So what an
eraser does to other text is measured where neither the word that stands there nor the
next one has to do with gender.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.source.model.language_model import OpenModel
from saecore.source.model.next_token import LOGITS, Divergences
from saecore.source.tasks.facts import Facts, read_facts

WORDS = ("he", "she", "him", "her", "his", "hers", "himself", "herself")


class Moved(NamedTuple):
    """Mean KL(unedited || edited) of each text, in nats."""

    ungendered: Float[Tensor, " text"]
    """At places that have nothing to do with gender; nan for a text without any."""
    everywhere: Float[Tensor, " text"]
    """At all places."""


class OtherText:
    """Texts, and what an edit at every position but the first does to them.

    `kept` says which predictions have nothing to do with gender (see `ungendered`).
    """

    def __init__(
        self, model: OpenModel, tokens: Int[Tensor, "text pos"], *, most: float
    ) -> None:
        self._divergences = Divergences(model, tokens)
        self.kept = ungendered(model, tokens, most=most)

    def moved(self, layer: int, edit: Callable[[Tensor], Tensor]) -> Moved:
        """What an edit of the stream after `layer` does to each text."""

        def whole(stream: Tensor) -> Tensor:
            return torch.cat([stream[:, :1], edit(stream[:, 1:])], 1)

        kl = self._divergences((layer, whole))[:, 1:].double()
        kept = torch.where(self.kept[:, 1:], kl, torch.nan)
        return Moved(kept.nanmean(1), kl.mean(1))


@torch.no_grad()
def ungendered(
    model: OpenModel, tokens: Int[Tensor, "text pos"], *, most: float
) -> Bool[Tensor, "text predicted"]:
    """The predictions that have nothing to do with gender: no gendered word stands at
    the position, and all of them together have at most a share `most` of what the
    model expects next.
    """
    gendered = gendered_tokens(model)
    batch = max(1, LOGITS // (tokens.shape[1] * model.vocab_size))
    expected = [
        model.logits(piece)[:, :-1].softmax(-1)[..., gendered].sum(-1).cpu()
        for piece in tokens.split(batch)
    ]
    return (torch.cat(expected) <= most) & ~gendered[tokens[:, :-1]]


def gendered_tokens(
    model: OpenModel, facts: Facts | None = None
) -> Bool[Tensor, " vocab"]:
    """The tokens that are gendered words: pronouns, first names, roles and persons of
    known gender, with a space before them or without, small or capital.
    """
    facts, found = facts or read_facts(), torch.zeros(model.vocab_size).bool()
    groups = (facts.names, facts.unseen_names, facts.roles)
    words = [word for by in groups for group in by.values() for word in group]
    words += [*WORDS, *(p.name for p in facts.persons if p.gender)]
    for word in dict.fromkeys([*words, *(one.capitalize() for one in words)]):
        for text in (word, f" {word}"):
            if len(ids := model.encode(text)) == 2:
                found[ids[1]] = True
    return found
