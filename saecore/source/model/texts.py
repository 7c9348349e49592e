"""Texts: artefacts, and sources of rows. Those that language models sample, read by the
writer or by another reader.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from jaxtyping import Int
from torch import Tensor

from saecore.seeding import stable_seed
from saecore.source.model import generation
from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.site import (
    ROW,
    Given,
    RowBlocks,
    Site,
    name_of,
    resid_post,
    stream_rows,
)

TOKEN = 1.3e6
"""Cost of a token that a language model writes, in the units of `Source.price`."""


class Text(ABC):
    """Tokens that a language model reads: an artefact, and a source of rows.

    A text inherits it and says its `slug`, what it `costs`, its further samples and how
    its `tokens` are had; every sequence begins with the model's first token.
    """

    folder: ClassVar[str] = "tokens"
    layered: ClassVar[bool] = True
    sampled: ClassVar[bool] = True
    whole: ClassVar[bool] = False

    model: LanguageModel
    """Who reads it; a field of the dataclass that inherits this, like the next two."""
    sequences: int
    length: int
    """Tokens per sequence, the first one included."""

    @abstractmethod
    def sample(self, number: int) -> "Text":
        """This text for sample 0, another one of its kind otherwise."""

    @abstractmethod
    def tokens(
        self, model: OpenModel, progress: Callable[[int], None]
    ) -> Int[Tensor, "seq pos"]:
        """The tokens; `progress` is told the number of sequences done."""

    @property
    def needs(self) -> tuple[()]:
        """Nothing but the language model."""
        return ()

    def rests_on(self, site: Site) -> "tuple[Text]":
        """The site's sample of this text."""
        return (self.sample(site.sample),)

    def count(self, site: Site) -> int:
        """All positions but the first of each sequence."""
        return self.sequences * (self.length - 1)

    def place(self, site: Site) -> str:
        """The reader and the layer."""
        return f"{name_of(self.model)}-layer{site.layer}"

    def hook_name(self, site: Site) -> str:
        """The residual stream after the layer."""
        return resid_post(site)

    def price(self, site: Site) -> float:
        """So much a position."""
        return ROW * self.sequences * self.length

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The stream at all positions but the first."""
        return stream_rows(
            site,
            given.model(self.model, site.dtype),
            given.get(self.sample(site.sample)),
        )


@dataclass(frozen=True)
class SampledText(Text):
    """Text that a language model samples itself, from its beginning-of-text token on.

    At temperature 1 it is as good as real text for training dictionaries, and needs no
    corpus. It is an artefact, and a source of rows: its writer reads it.
    """

    model: LanguageModel
    sequences: int = 4096
    length: int = 128
    """Tokens per sequence, the first one included."""
    temperature: float = 1.0
    seed: int = 0
    special: bool = field(default=True, metadata={"unsaid": True})
    """Whether special tokens may be drawn; many models have massive activations there
    (Sun et al. 2402.17762), and what follows them is another text."""

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        return f"{name_of(self.model)}-seed{self.seed}"

    @property
    def cost(self) -> float:
        """So much a token."""
        return TOKEN * self.sequences * self.length

    def sample(self, number: int) -> "SampledText":
        """This text for sample 0, the same with another seed otherwise."""
        if number == 0:
            return self
        return replace(self, seed=stable_seed("sample", self.seed, number))

    def tokens(
        self, model: OpenModel, progress: Callable[[int], None]
    ) -> Int[Tensor, "seq pos"]:
        """The tokens that the model draws."""
        return generation.sample(
            model,
            self.sequences,
            self.length,
            temperature=self.temperature,
            generator=torch.Generator().manual_seed(stable_seed("text", self.seed)),
            banned=() if self.special else model.special,
            progress=progress,
        )


@dataclass(frozen=True)
class ReadText:
    """Text that one language model wrote, read by another: `model` reads what
    `text.model` wrote.

    For an untrained reader of a trained writer's text this is the control of Heap et
    al. (2501.17727): the dictionaries of both learn from the same tokens. Both must
    have the same vocabulary.

    Raises ValueError if the reader is the writer: a text is read by its own model
    already, and one thing has one recipe.
    """

    layered: ClassVar[bool] = True
    sampled: ClassVar[bool] = True
    whole: ClassVar[bool] = False

    text: Text
    model: LanguageModel

    def __post_init__(self) -> None:
        if self.model.fingerprint == self.text.model.fingerprint:
            raise ValueError(
                "the reader of a text must be another language model than its writer, "
                f"but {self.model.name} ({self.model.fingerprint[:12]}) was given as "
                "both: take the text itself as the source"
            )

    def rests_on(self, site: Site) -> tuple[Text]:
        """The site's sample of the text."""
        return self.text.rests_on(site)

    def count(self, site: Site) -> int:
        """As the writer's rows."""
        return self.text.count(site)

    def place(self, site: Site) -> str:
        """The reader, the writer and the layer."""
        return f"{name_of(self.model)}-reads-{self.text.place(site)}"

    def hook_name(self, site: Site) -> str:
        """The residual stream after the layer."""
        return resid_post(site)

    def price(self, site: Site) -> float:
        """As the writer's rows."""
        return self.text.price(site)

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The reader's stream at all positions but the first; ValueError for another
        vocabulary.
        """
        reader = given.model(self.model, site.dtype)
        check_vocabularies(reader, given.model(self.text.model))
        return stream_rows(site, reader, given.get(self.text.sample(site.sample)))


def check_vocabularies(reader: OpenModel, writer: OpenModel) -> None:
    """Raise ValueError unless a reader's tokens are those of the writer (`ReadText`):
    as many, and the same ones.
    """
    words = [one.tokenizer.get_vocab() for one in (reader, writer)]
    if reader.vocab_size == writer.vocab_size and words[0] == words[1]:
        return
    raise ValueError(
        "a language model must have the vocabulary of the text that it reads, but "
        f"{reader.identity.name} has {reader.vocab_size} tokens and "
        f"{writer.identity.name}, which wrote it, {writer.vocab_size}, and they are "
        "not the same: take a reader of the same vocabulary, such as the writer's "
        "untrained twin"
    )
