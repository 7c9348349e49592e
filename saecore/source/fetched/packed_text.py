"""Fetched English as a language model reads it: documents one after the other, packed
into sequences of one length.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from jaxtyping import Int
from torch import Tensor

from saecore.places import fetched_root
from saecore.source.fetched.english import SOURCES, documents
from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.model.texts import Text
from saecore.source.site import name_of

BETWEEN = "\n\n"
"""What stands between two documents: no special token, since those have massive
activations."""
PACKED_TOKEN = 2e5
"""Cost of a token that is read, in the units of `Source.price`."""
TOKENISED = 512
"""Documents that are turned into tokens at a time."""


@dataclass(frozen=True)
class PackedText(Text):
    """English text from pinned sources (`saecore.source.fetched.english`).

    Every sequence is the model's first token and the next `length` - 1 tokens of the
    documents; a document may go on in the next sequence. Samples share no token.
    A shorter text of one seed is the beginning of a longer one. Documents in which a
    special token would stand are left out.
    """

    model: LanguageModel
    sequences: int = 2048
    length: int = 128
    seed: int = 0
    part: int = 0
    """Which stretch of the documents: 0 the first `sequences`, 1 the next."""
    sources: tuple[tuple[str, str], ...] = SOURCES
    """Package and sha256 of each source."""

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        part = f"-part{self.part}" if self.part else ""
        return f"{name_of(self.model)}-english-seed{self.seed}{part}"

    @property
    def cost(self) -> float:
        """So much a token."""
        return PACKED_TOKEN * self.sequences * self.length * (self.part + 1)

    def sample(self, number: int) -> "PackedText":
        """This text for sample 0, otherwise a later stretch of the documents."""
        return self if number == 0 else replace(self, part=self.part + number)

    def place(self, site: object) -> str:
        """The reader, the text's size and the layer."""
        layer = getattr(site, "layer", None)
        return f"{name_of(self.model)}-english{self.sequences}-layer{layer}"

    def tokens(
        self, model: OpenModel, progress: Callable[[int], None]
    ) -> Int[Tensor, "seq pos"]:
        """The tokens of its stretch. Raises ValueError if the sources are others than
        those of this version, or too short.
        """
        if self.sources != SOURCES:
            raise ValueError(
                f"this version reads the text of {SOURCES}, but {self.sources} was "
                "asked for: ask for the text again without sources="
            )
        texts = documents(fetched_root() / "wheels", seed=self.seed)
        found = packed_sequences(
            model, texts, self.sequences, self.length, part=self.part, progress=progress
        )
        progress(self.sequences)
        return found


def packed_sequences(
    model: OpenModel,
    texts: list[str],
    sequences: int,
    length: int,
    *,
    part: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> Int[Tensor, "seq pos"]:
    """Sequence packing: `bos`, then the next `length` - 1 tokens of the documents, from
    sequence `part` x `sequences` on.

    Raises ValueError if the documents are too few.
    """
    first, last = part * sequences, (part + 1) * sequences
    wanted, stream = last * (length - 1), []
    for ids in _encoded(model, texts):
        stream += ids
        progress(max(0, min(len(stream), wanted) // (length - 1) - first))
        if len(stream) >= wanted:
            break
    if len(stream) < wanted:
        raise ValueError(
            f"{last} sequences of {length} tokens need {wanted} tokens of text, but "
            f"these {len(texts)} documents have {len(stream)}: ask for fewer sequences"
        )
    body = torch.tensor(stream[first * (length - 1) : wanted]).view(sequences, -1)
    return torch.cat([torch.full((sequences, 1), model.bos), body], 1)


def _encoded(model: OpenModel, texts: list[str]) -> Iterator[list[int]]:
    """The tokens of each document and of what follows it, but for those with a special
    token.
    """
    special = set(model.special)
    for start in range(0, len(texts), TOKENISED):
        some = [text + BETWEEN for text in texts[start : start + TOKENISED]]
        for ids in model.tokenizer(some, add_special_tokens=False)["input_ids"]:
            if not special.intersection(ids):
                yield ids
