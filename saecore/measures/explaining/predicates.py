"""What explanations are made of: simple things that may be true at a position of a
text.

A predicate is a set of values of one *place*: of the token at the position, of the
token before it, or of how far into its text the position lies. Sets of one token come
by themselves; sets of more are labels that the caller gives (first letter, category,
gender, ...), about the token or about the one before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Int
from scipy.sparse import csc_array
from torch import Tensor

from saecore.measures.explaining.fragments import Fragments
from saecore.sparse import Active, matrix, pointers_of

LabelKinds = Mapping[
    str, Mapping[str, Sequence[int]]
]  # kind of label -> label -> tokens that have it
FROM = (1, 2, 5, 17)  # places in a text at which a new class begins
PLACES = (
    "the first token of a text",
    "tokens 2 to 4",
    "tokens 5 to 16",
    "from token 17 on",
)


@dataclass(frozen=True, eq=False)
class Predicates:
    """Every predicate about a vocabulary of `vocabulary` tokens with labels `kinds`.

    Values are numbered through: the token 0 .. V - 1, the token before V .. 2 V - 1,
    the class of the place from 2 V on. Predicates come in the order: labels of the
    token, labels of the token before, classes of the place, single tokens, single
    tokens before; of predicates that say the same, the first is chosen.

    Raises ValueError for a label with a token that the vocabulary does not have.
    """

    vocabulary: int
    kinds: LabelKinds

    def __post_init__(self) -> None:
        for kind, labels in self.kinds.items():
            for label, tokens in labels.items():
                if (
                    len(tokens)
                    and not 0 <= min(tokens) <= max(tokens) < self.vocabulary
                ):
                    raise ValueError(
                        f"the label {kind} {label!r} has tokens from {min(tokens)} to "
                        f"{max(tokens)}, but the vocabulary has {self.vocabulary}: "
                        "give tokens of this vocabulary"
                    )

    def __len__(self) -> int:
        return len(self._root)

    @property
    def values(self) -> int:
        """How many values there are, of all three places."""
        return 2 * self.vocabulary + len(FROM)

    def at(self, fragments: Fragments) -> Int[Tensor, "place fragment pos"]:
        """The three values at each position: of the token, of the token before, of its
        place; int32.
        """
        where = torch.bucketize(fragments.place, torch.tensor(FROM), right=True) - 1
        found = (
            fragments.token,
            fragments.previous + self.vocabulary,
            where + 2 * self.vocabulary,
        )
        return torch.stack(found).int()

    def name(self, predicate: int, words: Sequence[str] | None = None) -> str:
        """In words; `words` are the texts of the tokens (without them, their
        numbers).
        """
        if predicate < (labels := 2 * len(self._labels)):
            kind, label = self._labels[predicate % len(self._labels)]
            return f"{_of(2 * predicate >= labels)} has {kind} {label!r}"
        if predicate < labels + len(FROM):
            return f"it is {PLACES[predicate - labels]}"
        before, token = divmod(predicate - labels - len(FROM), self.vocabulary)
        return f"{_of(before)} is {words[token] if words else token!r}"

    def holds(
        self, predicate: int, value: Int[Tensor, "place position"]
    ) -> Bool[Tensor, " position"]:
        """Where a predicate is true."""
        members = self.members.indices[
            self.members.indptr[predicate] : self.members.indptr[predicate + 1]
        ]
        values = value[int(self._root[predicate])]
        if len(members) == 1:
            return values == int(members[0])
        table = torch.zeros(self.values, dtype=torch.bool)
        table[torch.from_numpy(members).long()] = True
        return table[values.long()]

    @cached_property
    def members(self) -> csc_array:
        """Which values make each predicate true: a SciPy array [value, predicate] of
        zeros and ones.
        """
        sets = [np.unique(tokens) for _, tokens in self._sets]
        sets += [tokens + self.vocabulary for tokens in sets]
        sets += [np.array([2 * self.vocabulary + i]) for i in range(len(FROM))]
        sets += list(np.arange(2 * self.vocabulary)[:, None])
        index = torch.from_numpy(np.concatenate(sets)).int()
        crow = pointers_of(torch.tensor([len(one) for one in sets]))
        ones = torch.ones(len(index), dtype=torch.float64)
        return matrix(Active(crow, index, ones), self.values).T

    @cached_property
    def _sets(self) -> list[tuple[tuple[str, str], Sequence[int]]]:
        return [
            ((kind, label), tokens)
            for kind, labels in self.kinds.items()
            for label, tokens in labels.items()
            if len(tokens)
        ]

    @cached_property
    def _labels(self) -> list[tuple[str, str]]:
        return [name for name, _ in self._sets]

    @cached_property
    def _root(self) -> Int[Tensor, " predicate"]:
        """Of which place each predicate speaks."""
        counts = (
            len(self._sets),
            len(self._sets),
            len(FROM),
            self.vocabulary,
            self.vocabulary,
        )
        return torch.tensor([0, 1, 2, 0, 1]).repeat_interleave(torch.tensor(counts))


def _of(before: int | bool) -> str:
    return "the token before" if before else "the token"
