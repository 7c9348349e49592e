"""Tables of pairs of a latent and a label: how often they go together, at every
threshold, in chunks of the nonzeros. What `pair_scores` is computed from.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool
from numpy import ndarray
from torch import Tensor

from saecore.sparse import Active, row_of

CHUNK_PAIRS = 1 << 19
"""(nonzero, positive label) pairs handled at once: about 60 MB."""


class PairEntries(NamedTuple):
    """Positive activations sorted by (latent, falling value), with the runs of equal
    values in a latent.
    """

    latent: ndarray
    row: ndarray
    value: ndarray
    run: ndarray
    """Number of the run of equal values."""
    above: ndarray
    """Entries of the latent with a larger value."""
    at_least: ndarray
    """Entries of the latent with this value or a larger one."""


class PositiveLabels(NamedTuple):
    """The positive labels of each row, row after row, and how many rows each label
    has.
    """

    crow: ndarray
    label: ndarray
    positive: ndarray
    rows: int


def checked(active: Active, labels: Bool[Tensor, "row label"]) -> None:
    """Check that activations and labels go together: ValueError where rows do not
    align, or activations are negative or not finite.
    """
    if len(active.crow) - 1 != len(labels):
        raise ValueError(
            "activations and labels must have the same rows, got "
            f"{len(active.crow) - 1} and {len(labels)}; align them"
        )
    if not bool((active.value >= 0).all()) or bool(active.value.isinf().any()):
        raise ValueError(
            "activations must be finite and not negative, got some that are not; "
            "score the positive and the negative part one after the other"
        )


def pair_entries(active: Active, labels: Tensor, width: int) -> PairEntries:
    """The positive activations, sorted and ranked. Raises ValueError where `checked`
    does, and for a latent that `width` has no room for.
    """
    checked(active, labels)
    if len(active.latent) and int(active.latent.max()) >= width:
        raise ValueError(
            f"latents must be below width {width}, got {int(active.latent.max())}; "
            "give the width"
        )
    fires = active.value > 0
    value = active.value[fires].cpu()
    value = (value if value.dtype == torch.float64 else value.float()).numpy()
    latent, row = (x[fires].cpu().numpy() for x in (active.latent, row_of(active)))
    order = _order(latent, value)
    latent, row, value = latent[order], row[order], value[order]
    new = np.ones(len(value), dtype=bool)
    new[1:] = (latent[1:] != latent[:-1]) | (value[1:] != value[:-1])
    run, first, last = _runs(new)
    start = np.searchsorted(latent, np.arange(width))[latent]
    return PairEntries(latent, row, value, run, first - start, last - start)


def _order(latent: ndarray, value: ndarray) -> ndarray:
    """The order by latent, then falling value. Positive floats sort as their bits do,
    so one key will do.
    """
    if value.dtype == np.float64:
        return np.lexsort((-value, latent))
    falling = 0x7FFFFFFF - value.view(np.int32).astype(np.int64)
    return np.argsort((latent.astype(np.int64) << 32) | falling)


def _runs(new: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    """For each entry: the number of its run, where the run begins, and where it
    ends.
    """
    starts = np.flatnonzero(new)
    lengths = np.diff(starts, append=len(new))
    run = np.repeat(np.arange(len(starts)), lengths)
    return run, starts[run], (starts + lengths)[run]


def positives(labels: Tensor) -> PositiveLabels:
    """The positive labels of boolean labels [row, label]."""
    known = labels.cpu().numpy()
    crow = np.concatenate([[0], np.cumsum(known.sum(1))])
    return PositiveLabels(crow, np.nonzero(known)[1], known.sum(0), len(known))


def pair_chunks(latent: ndarray, per_entry: ndarray) -> list[tuple[int, int]]:
    """Ranges of entries that hold whole latents and about CHUNK_PAIRS pairs each."""
    if not len(latent):
        return []
    starts = np.flatnonzero(np.diff(latent, prepend=-1))
    before = (np.cumsum(per_entry) - per_entry)[starts]
    cuts = starts[np.flatnonzero(np.diff(before // CHUNK_PAIRS, prepend=-1))]
    ends = [*cuts.tolist()[1:], len(latent)]
    return list(zip(cuts.tolist(), ends, strict=True))


def pairs_between(
    entries: PairEntries, known: PositiveLabels, begin: int, end: int
) -> tuple[PairEntries, ndarray]:
    """One item per (entry, label of its row), sorted by (latent, label, falling value),
    and its cell.
    """
    row, count = entries.row[begin:end], len(known.positive)
    per_entry = np.diff(known.crow)[row]
    entry = np.repeat(np.arange(begin, end), per_entry)
    offset = np.arange(len(entry)) - np.repeat(
        np.cumsum(per_entry) - per_entry, per_entry
    )
    label = known.label[known.crow[entries.row[entry]] + offset]
    cell = (
        entries.latent[entry].astype(np.int64) - entries.latent[begin]
    ) * count + label
    key = np.sort((cell << 32) | (entry - begin))
    entry = (key & 0xFFFFFFFF) + begin
    return PairEntries(*(x[entry] for x in entries)), (key >> 32) + int(
        entries.latent[begin]
    ) * count


class PairTable:
    """Tables [latent, label], flat, that the chunks fill in."""

    def __init__(self, width: int, known: PositiveLabels, fires: ndarray) -> None:
        self.known, self.shape, self.fires = known, (width, len(known.positive)), fires
        size = width * len(known.positive)
        self.f1, self.threshold = np.zeros(size), np.full(size, np.inf)
        self.true, self.told, self.tp = (np.zeros(size, np.int32) for _ in range(3))
        # twice the pairs in the right order whose row with the label fires
        self.in_order = np.zeros(size)

    def add(self, pairs: PairEntries, cell: ndarray) -> None:
        """Scores of the cells of one chunk; `pairs` is sorted by cell and falling
        value.
        """
        if not len(cell):
            return
        new_cell = np.diff(cell, prepend=-1) != 0
        starts = np.flatnonzero(new_cell)
        _, first, last = _runs(new_cell | (np.diff(pairs.run, prepend=-1) != 0))
        cells, lengths = cell[starts], np.diff(starts, append=len(cell))
        before = np.repeat(starts, lengths)
        tp, positive = last - before, self.known.positive[cell % self.shape[1]]
        f1 = 2 * tp / (pairs.at_least + positive)
        largest = np.maximum.reduceat(f1, starts)
        hits = np.flatnonzero(f1 == np.repeat(largest, lengths))
        chosen = hits[np.flatnonzero(np.diff(cell[hits], prepend=-1))]
        self.f1[cells], self.threshold[cells] = largest, pairs.value[chosen]
        self.true[cells], self.told[cells] = tp[chosen], pairs.at_least[chosen]
        self.tp[cells] = lengths
        false = (pairs.above - (first - before)) + (pairs.at_least - tp)
        self.in_order[cells] = np.add.reduceat(
            2 * (self.known.rows - positive) - false, starts
        )

    def scores(self, dtype: torch.dtype) -> list[Tensor]:
        """The finished tables, in the order of the fields of `PairScores`; single
        precision unless the activations were double.
        """
        positive, fires = (
            self.known.positive,
            np.repeat(self.fires, self.shape[1]).reshape(self.shape),
        )
        true, told, tp, in_order = (
            x.reshape(self.shape)
            for x in (self.true, self.told, self.tp, self.in_order)
        )
        negative = self.known.rows - positive
        silent = (positive - tp) * (negative - (fires - tp))
        tables = (
            self.f1.reshape(self.shape),
            self.threshold.reshape(self.shape),
            _share(true, told),
            _share(true, positive),
            _share(in_order + silent, 2.0 * positive * negative, empty=np.nan),
            _share(2 * tp, fires + positive),
            _share(tp, fires),
            _share(tp, positive),
        )
        dtype = dtype if dtype == torch.float64 else torch.float32
        return [torch.from_numpy(table).to(dtype) for table in tables]


def _share(part: ndarray, whole: ndarray, *, empty: float = 0.0) -> ndarray:
    """part / whole, and `empty` where whole is 0."""
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.full(part.shape, empty), where=whole > 0)
