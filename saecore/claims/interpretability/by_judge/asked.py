"""Which latents of a dictionary a judge is asked about, and the questions: the paper's
passages to explain each, and its fragments to predict.
"""

from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from saecore.claims.interpretability.explainer import EXPLAINED_LATENTS, Explainer
from saecore.judge.judge import Question, question
from saecore.measures.explaining.interpretability import (
    Autointerp,
    Inquiry,
    drawn_latents,
    inquiries,
)
from saecore.shapes import Dictionary
from saecore.source.tasks.labelled_tokens import token_texts


class AskedLatents(NamedTuple):
    """Latents of one dictionary that a judge is asked about."""

    name: str
    """Of the dictionary."""
    places: Int[Tensor, " latent"]
    """Where they stand among the drawn latents, of which `rules` speaks."""
    rules: Autointerp
    """The book's rules for all drawn latents, and their scores."""
    inquiries: list[Inquiry]
    """The passages of each, with the true activations."""
    questions: list[Question]
    """The same in words, as they are sent."""

    @property
    def skipped(self) -> int:
        """Drawn latents that fire in too few fragments to be explained."""
        return int(self.rules.scores.skipped.sum())


def asked_latents(
    reader: Explainer, name: str, dictionary: Dictionary, *, number: int
) -> AskedLatents:
    """Up to `number` latents of a dictionary, drawn from those that fire in enough
    fragments (20 in Cunningham et al. 2309.08600, appendix A), with their questions.
    Raises ValueError if there are fewer than two.
    """
    rules, y = reader.explained(dictionary), reader.activations(dictionary)
    enough = (~rules.scores.skipped).nonzero()[:, 0]
    if min(len(enough), number) < 2:
        raise ValueError(
            f"a judge is asked about at least two latents, but of {name} {number} were "
            f"asked for and {len(enough)} fire in enough fragments: ask for more, or "
            "take another dictionary"
        )
    draw = torch.Generator().manual_seed(3)
    places = enough[torch.randperm(len(enough), generator=draw)[:number]].sort().values
    each = int(reader.claim.constants["each"])
    asked = inquiries(y[places], reader.fragments, generator=draw, each=each)
    latents = drawn_latents(len(dictionary.W_dec), EXPLAINED_LATENTS)[places]
    words = token_texts(reader.model)
    questions = [
        question(latent, words, (one.shown, one.activations), one.asked)
        for latent, one in zip(latents.tolist(), asked, strict=True)
    ]
    return AskedLatents(name, places, rules, asked, questions)
