"""What a latent fires on: its strongest rows, its tokens, and how well it stands for a
known label.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.sparse import Active, pointers, row_of


class ByLatent(NamedTuple):
    """CSR with latents as rows: activations sorted by latent and, within one, from
    strong to weak.
    """

    crow: Int[Tensor, " pointers"]
    """Latent j owns the entries crow[j] : crow[j + 1]; int32, one more than there are
    latents.
    """
    row: Int[Tensor, " entry"]
    """The row on which it fires; int32."""
    value: Float[Tensor, " entry"]
    """How strongly, falling within a latent."""

    @property
    def latent(self) -> Int[Tensor, " entry"]:
        """Which latent each entry belongs to; int32."""
        return row_of(Active(self.crow, self.row, self.value))

    @property
    def fired(self) -> Int[Tensor, " latent"]:
        """Number of rows on which each latent fires."""
        return torch.diff(self.crow)

    @property
    def largest(self) -> Float[Tensor, " latent"]:
        """The largest activation of each latent; 0 if it never fires."""
        first = self.crow[:-1].long().clamp(max=max(len(self.value) - 1, 0))
        return (
            torch.where(self.fired > 0, self.value[first], 0)
            if len(self.value)
            else self.fired * 0.0
        )


class Share(NamedTuple):
    """The tokens that carry most of each latent's activation, best first."""

    token: Int[Tensor, "latent rank"]
    """-1 where a latent fires on fewer tokens."""
    share: Float[Tensor, "latent rank"]
    """Of the sum of its activations over all rows; 0 where there is no token."""


class LabelScores(NamedTuple):
    """How well "the latent is active" tells the words of a label from the other words
    of its kind.
    """

    f1: Float[Tensor, "latent label"]
    """Harmonic mean of precision and recall, every word counting the same."""
    precision: Float[Tensor, "latent label"]
    """Sum of the rates over the label's words, over that of all words of the kind."""
    recall: Float[Tensor, "latent label"]
    """Mean rate over the label's words."""
    words: Int[Tensor, "latent label"]
    """On how many of the label's words it is active at least every second time."""
    of: Int[Tensor, " label"]
    """Number of words of the label that occur."""


def by_latent(active: Active, width: int) -> ByLatent:
    """The entries of `active` that are above 0, latent by latent, the strongest first;
    ties by row.
    """
    kept = active.value > 0
    value, latent, row = active.value[kept], active.latent[kept], row_of(active)[kept]
    value, order = value.sort(descending=True, stable=True)
    latent, within = latent[order].sort(stable=True)
    order = order[within]
    return ByLatent(pointers(latent, width), row[order].int(), value[within])


def above(by: ByLatent, share: float) -> ByLatent:
    """Only the entries of at least `share` times the largest activation of their
    latent.
    """
    latent = by.latent.long()
    kept = by.value >= share * by.largest[latent]
    return ByLatent(
        pointers(latent[kept], len(by.crow) - 1), by.row[kept], by.value[kept]
    )


def histograms(by: ByLatent, *, bins: int) -> Int[Tensor, "latent bin"]:
    """How many activations fall into each of `bins` equal parts of (0, largest]."""
    largest = by.largest.clamp(min=torch.finfo(by.value.dtype).tiny)
    latent = by.latent.long()
    part = (by.value / largest[latent] * bins).ceil().long().clamp(1, bins) - 1
    return torch.bincount(latent * bins + part, minlength=len(largest) * bins).view(
        -1, bins
    )


def token_shares(by: ByLatent, token: Int[Tensor, " row"], *, count: int) -> Share:
    """The `count` tokens on which each latent's activation is largest in sum over the
    rows.
    """
    latent, which, mass = _masses(by, token, by.value)
    total = torch.zeros(len(by.crow) - 1, dtype=torch.float64).index_add_(
        0, latent, mass
    )
    tokens, shares = _best(latent, which, mass / total[latent], len(total), count)
    return Share(tokens, shares.float())


def strongest_latents(
    by: ByLatent, token: Int[Tensor, " row"], *, tokens: int, count: int
) -> Int[Tensor, "token rank"]:
    """For each of `tokens` tokens the `count` latents that it activates most, best
    first, -1 for none.

    A latent's score is its mean activation over the token's rows, over its largest on
    any row: 1 for a latent that is always at its largest on this token.
    """
    latent, which, mass = _masses(by, token, by.value / by.largest[by.latent.long()])
    occurs = torch.bincount(token, minlength=tokens)
    return _best(which, latent, mass / occurs[which], tokens, count)[0]


def _masses(
    by: ByLatent, token: Tensor, value: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Latent, token, and the sum of `value` over the rows that they share."""
    pair, index = _pairs(by, token).unique(return_inverse=True)
    size = int(token.max()) + 1 if len(token) else 1
    mass = torch.zeros(len(pair), dtype=torch.float64).index_add_(
        0, index, value.double()
    )
    return pair // size, pair % size, mass


def _best(
    group: Tensor, item: Tensor, score: Tensor, groups: int, count: int
) -> tuple[Tensor, Tensor]:
    """The `count` items of each group with the largest scores, and these; -1 and 0
    where there are fewer.
    """
    score, order = score.sort(descending=True, stable=True)
    group, within = group[order].sort(stable=True)
    item, score = item[order][within], score[within]
    rank = torch.arange(len(group)) - pointers(group, groups).long()[group]
    first = rank < count
    items = torch.full((groups, count), -1, dtype=torch.int64)
    scores = torch.zeros(groups, count, dtype=torch.float64)
    items[group[first], rank[first]] = item[first]
    scores[group[first], rank[first]] = score[first]
    return items, scores


def label_scores(
    by: ByLatent,
    token: Int[Tensor, " row"],
    kinds: Sequence[Mapping[str, Sequence[int]]],
) -> LabelScores:
    """F1 of every latent for every label; `kinds` are mappings of a label to the tokens
    of its words.

    The rate of a latent on a word is the share of the word's rows on which it is
    active. Precision compares a label's words with all words of its kind (a bird with
    other animals and things, not with commas), and every word counts the same however
    often it occurs. Labels stand in the order of `kinds`.
    """
    occurs = torch.bincount(token, minlength=1)
    pair, times = _pairs(by, token).unique(return_counts=True)
    latent, which = pair // len(occurs), pair % len(occurs)
    rate = times.double() / occurs[which]
    scores = [
        _of_kind(latent, which, rate, occurs, kind, len(by.crow) - 1) for kind in kinds
    ]
    f1, precision, recall, words, of = (
        torch.cat(parts, -1) for parts in zip(*scores, strict=True)
    )
    return LabelScores(f1, precision, recall, words, of)


def _pairs(by: ByLatent, token: Tensor) -> Tensor:
    """latent * (largest token + 1) + token of every entry."""
    size = int(token.max()) + 1 if len(token) else 1
    return by.latent.long() * size + token.long()[by.row.long()]


def _of_kind(
    latent: Tensor,
    which: Tensor,
    rate: Tensor,
    occurs: Tensor,
    kind: Mapping[str, Sequence[int]],
    width: int,
) -> LabelScores:
    label = torch.full((len(occurs),), -1)
    for number, tokens in enumerate(kind.values()):
        label[[t for t in tokens if t < len(occurs) and occurs[t]]] = number
    of = torch.bincount(label[label >= 0], minlength=len(kind))
    known = label[which] >= 0
    place = latent[known] * len(kind) + label[which[known]]
    shape = (width, len(kind))
    rates = (
        torch.zeros(width * len(kind), dtype=torch.float64)
        .index_add_(0, place, rate[known])
        .view(shape)
    )
    often = torch.bincount(place[rate[known] >= 0.5], minlength=width * len(kind)).view(
        shape
    )
    precision = rates / rates.sum(1, keepdim=True).clamp(min=1e-300)
    recall = rates / of.clamp(min=1)
    f1 = 2 * precision * recall / (precision + recall).clamp(min=1e-300)
    return LabelScores(f1.float(), precision.float(), recall.float(), often, of)


def distinct(
    by: ByLatent,
    latent: int,
    around: Int[Tensor, "row near"],
    *,
    count: int,
    tried: int = 200,
) -> list[int]:
    """Max-activating examples of a latent: entries, strongest first, no two with the
    same tokens `around` them; `tried` are looked at.

    Text that a model samples, or that was made from templates, repeats itself: without
    this the strongest rows of a latent are often one sentence many times.
    """
    seen: set[tuple[int, ...]] = set()
    found: list[int] = []
    for entry in _entries(by, latent, tried):
        near = tuple(around[int(by.row[entry])].tolist())
        if near not in seen:
            seen.add(near)
            found.append(entry)
        if len(found) == count:
            break
    return found


def _entries(by: ByLatent, latent: int, most: int) -> Iterator[int]:
    start, stop = int(by.crow[latent]), int(by.crow[latent + 1])
    yield from range(start, min(stop, start + most))


def at_levels(by: ByLatent, latent: int, levels: Sequence[float]) -> list[int]:
    """The entries of a latent whose activations come closest to `levels` times its
    largest.
    """
    start, stop = int(by.crow[latent]), int(by.crow[latent + 1])
    if start == stop:
        return []
    values = by.value[start:stop]
    return [
        start + int((values - level * values[0]).abs().argmin()) for level in levels
    ]
