"""The losses of unigram, bigram and trigram models: what a language model has to be
better than.

Interpolated Witten-Bell smoothing: P(w | h) = (n(hw) + t(h) P(w | h')) / (n(h) + t(h)),
where n counts occurrences, t(h) counts the distinct words seen after h, and h' is h
without its first word; at the bottom, counts plus one half. Witten & Bell, IEEE
Transactions on Information Theory 37 (1991).
"""

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class NgramLosses(NamedTuple):
    """Cross-entropy of n-gram models on the same tokens, in nats per token."""

    unigram: float
    bigram: float
    trigram: float


class Ngrams:
    """An n-gram model: counts of a training text, and the chances they give to the next
    token.
    """

    def __init__(self, tokens: NDArray[np.uint16], *, vocabulary: int) -> None:
        ids = tokens.astype(np.int64).tolist()
        self.first = (np.bincount(tokens, minlength=vocabulary) + 0.5) / (
            len(ids) + 0.5 * vocabulary
        )
        self.counts = [
            Counter(pairwise(ids)),
            Counter(zip(ids, ids[1:], ids[2:], strict=False)),
        ]
        self.contexts: list[Counter[tuple[int, ...]]] = [Counter(), Counter()]  # n(h)
        self.kinds: list[Counter[tuple[int, ...]]] = [Counter(), Counter()]  # t(h)
        for order, counts in enumerate(self.counts):
            for gram, count in counts.items():
                self.contexts[order][gram[:-1]] += count
                self.kinds[order][gram[:-1]] += 1

    def chances(
        self, before: tuple[int, int], token: int
    ) -> tuple[float, float, float]:
        """The chance of `token` after the two tokens `before` in the unigram, bigram
        and trigram model.
        """
        found = [float(self.first[token])]
        for order in (0, 1):
            context = before[1 - order :]
            total, kinds = self.contexts[order][context], self.kinds[order][context]
            seen = self.counts[order][(*context, token)]
            found.append(
                (seen + kinds * found[-1]) / (total + kinds) if total else found[-1]
            )
        return found[0], found[1], found[2]


def ngram_losses(
    train: NDArray[np.uint16],
    held_out: NDArray[np.uint16],
    *,
    vocabulary: int,
    skipped: int | None = None,
) -> NgramLosses:
    """Cross-entropy on `held_out`, from its third token on, of n-gram models counted on
    `train`.

    The token `skipped` is context, but not itself scored.
    """
    model, ids = Ngrams(train, vocabulary=vocabulary), held_out.tolist()
    scored = [i for i in range(2, len(ids)) if ids[i] != skipped]
    chances = [model.chances((ids[i - 2], ids[i - 1]), ids[i]) for i in scored]
    return NgramLosses(*(-np.log(np.array(chances)).mean(0)).tolist())
