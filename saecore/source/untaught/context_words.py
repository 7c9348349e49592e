"""Words of one token, equally many of each first letter, each in many contexts: what
SAEs of words learn from where a model was taught no sentences about words.

SAEs of all words of a large vocabulary, each seen once or twice, learn single words by
heart; of a few hundred words a letter in several contexts they learn what these share.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.seeding import stable_seed
from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.site import Given, RowBlocks, Site, layer_of, name_of, resid_post
from saecore.source.tasks.vocabulary import whole_words
from saecore.source.untaught.shared_prefix import stream_after
from saecore.source.untaught.worked import SPELLED, worked_question

CONTEXT_WORDS = 1e11
"""Cost of reading all of them, in the units of `Source.price`."""


@dataclass(frozen=True)
class ContextWords:
    """The stream at words, each after `examples` worked examples of spelling in
    `contexts` drawn sets of examples.

    The words are lower-case, of one token and four letters or more, at most `a_letter`
    of each first letter, drawn by `seed`, which also draws the order of the rows.
    """

    layered: ClassVar[bool] = True
    sampled: ClassVar[bool] = False
    whole: ClassVar[bool] = True

    model: LanguageModel
    a_letter: int = 250
    contexts: int = 8
    examples: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.a_letter, self.contexts) < 1 or self.examples < 0:
            raise ValueError(
                "there must be at least one word a letter and one context, and no "
                f"fewer than 0 examples, but {self} was asked for: raise them"
            )

    def rests_on(self, site: Site) -> tuple[()]:
        """Nothing but the language model."""
        return ()

    def count(self, site: Site) -> None:
        """Known only when they are read: the tokeniser decides."""
        return None

    def place(self, site: Site) -> str:
        """The language model and the layer."""
        return f"contextwords-{name_of(self.model)}-layer{site.layer}"

    def hook_name(self, site: Site) -> str:
        """The residual stream after the layer."""
        return resid_post(site)

    def price(self, site: Site) -> float:
        """About the same for all."""
        return CONTEXT_WORDS

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The stream at each word in each context, in a drawn order."""
        model = given.model(self.model, site.dtype)
        rows = context_rows(self, model, layer_of(site, model))
        order = torch.Generator().manual_seed(stable_seed("word order", self.seed))
        shuffled = rows[torch.randperm(len(rows), generator=order)]
        return RowBlocks(len(rows), model.d_model, iter(shuffled.split(8192)))


def balanced_words(source: ContextWords, model: OpenModel) -> list[str]:
    """The words, by letter; none that a worked example shows."""
    by_letter: dict[str, list[str]] = {}
    for word in whole_words(model):
        if word not in SPELLED:
            by_letter.setdefault(word[0], []).append(word)
    random = Random(stable_seed("balanced words", source.seed))
    return [
        word
        for several in by_letter.values()
        for word in sorted(random.sample(several, min(source.a_letter, len(several))))
    ]


def context_rows(
    source: ContextWords, model: OpenModel, layer: int
) -> Float[Tensor, "row d_model"]:
    """The stream after `layer` at each word, context after context."""
    words = balanced_words(source, model)
    if not words:
        return torch.empty(0, model.d_model)
    found = [
        stream_after(model, before, ids, layer)
        for before, ids in contexts_of(source, model, words)
    ]
    return torch.cat(found)


def contexts_of(
    source: ContextWords, model: OpenModel, words: list[str]
) -> Iterator[tuple[list[int], Int[Tensor, "word 1"]]]:
    """The tokens before the words and the words', context after context."""
    ids = torch.tensor([[model.token(word)] for word in words])
    for number in range(source.contexts):
        seed = stable_seed("word context", source.seed, number)
        before = worked_question("letter", source.examples, seed=seed).split(" {word}")[
            0
        ]
        yield model.encode(before), ids
