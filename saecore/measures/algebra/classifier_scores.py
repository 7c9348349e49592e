"""How well does each latent alone tell each label? All latents x all labels in one pass
over the nonzeros.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

from saecore.sparse import Active, row_of

CHUNK_PAIRS = 1 << 19  # (nonzero, positive label) pairs handled at once: about 60 MB


class PairScores(NamedTuple):
    """Each latent as a classifier of each label, on the rows it was given. F1 and its
    parts are 0 where no row is told rightly (0/0 counts as 0, as in scikit-learn)."""

    f1: Float[
        Tensor, "latent label"
    ]  # largest F1 of "activation >= threshold" over thresholds > 0
    threshold: Float[
        Tensor, "latent label"
    ]  # its threshold, the highest on ties; inf if the best F1 is 0
    precision: Float[Tensor, "latent label"]  # at that threshold
    recall: Float[Tensor, "latent label"]  # at that threshold
    auroc: Float[
        Tensor, "latent label"
    ]  # area under the ROC curve; nan for a label with one value only
    fires_f1: Float[Tensor, "latent label"]  # F1 of "activation > 0"
    fires_precision: Float[
        Tensor, "latent label"
    ]  # share of the rows it fires on that have the label
    fires_recall: Float[
        Tensor, "latent label"
    ]  # share of the rows with the label that it fires on


class Best(NamedTuple):
    """For each label the best latent, and that latent's scores."""

    latent: Int[Tensor, " label"]  # which (the first on ties)
    f1: Float[Tensor, " label"]  # its F1 at its best threshold
    threshold: Float[Tensor, " label"]  # that threshold
    precision: Float[Tensor, " label"]  # at that threshold
    recall: Float[Tensor, " label"]  # at that threshold
    auroc: Float[Tensor, " label"]  # its area under the ROC curve
    fires_f1: Float[Tensor, " label"]  # F1 of "it fires"
    fires_precision: Float[Tensor, " label"]  # precision of "it fires"
    fires_recall: Float[Tensor, " label"]  # recall of "it fires"


class _Entries(NamedTuple):
    """Positive activations sorted by (latent, falling value), with the runs of equal
    values in a latent.
    """

    latent: ndarray
    row: ndarray
    value: ndarray
    run: ndarray  # number of the run of equal values
    above: ndarray  # entries of the latent with a larger value
    at_least: ndarray  # entries of the latent with this value or a larger one


class _Labels(NamedTuple):
    """The positive labels of each row, row after row, and how many rows each label
    has.
    """

    crow: ndarray
    label: ndarray
    positive: ndarray
    rows: int


def pair_scores(
    active: Active, labels: Bool[Tensor, "row label"], *, width: int
) -> PairScores:
    """Best-threshold F1, exact AUROC, and the scores of "it fires", of all `width`
    latents for all labels.

    With the activations of one latent in falling order, n of them >= t and tp of those
    in rows with the label, F1(t) = 2 tp / (n + P) where P rows have the label. Only
    thresholds at a row with the label can be best. AUROC is the share of (row with, row
    without) pairs in the right order, ties counting half (Mann-Whitney); all rows on
    which the latent is silent are tied at 0. Equal activations are one threshold. O(nnz
    log nnz + nonzeros x labels per row), never row x latent.

    The best latent and threshold are chosen on the rows they are judged on, which
    flatters them, the more so the wider the dictionary: compare with shuffled labels,
    or use `sparse_probing`. Raises ValueError where rows do not align, or activations
    are negative or not finite. Source: 2409.14507 section 4 scores single latents by F1
    (of "fires") and AUROC; the best threshold is our addition.
    """
    entries, known = _entries(active, labels, width), _positives(labels)
    table = _Table(width, known, np.bincount(entries.latent, minlength=width))
    per_row = np.diff(known.crow)[entries.row]
    for begin, end in _chunks(entries.latent, per_row):
        table.add(*_pairs(entries, known, begin, end))
    return table.scores(active.value.dtype)


def best(scores: PairScores) -> Best:
    """For each label the latent with the largest best-threshold F1. Raises ValueError
    for no latents.
    """
    if not len(scores.f1):
        raise ValueError(
            "the best of no latents does not exist; give scores of at least one latent"
        )
    latent = scores.f1.argmax(0)
    label = torch.arange(scores.f1.shape[1])
    return Best(latent, *(score[latent, label] for score in scores))


def checked(active: Active, labels: Bool[Tensor, "row label"]) -> None:
    """Raises ValueError where rows do not align, or activations are negative or not
    finite.
    """
    if len(active.crow) - 1 != len(labels):
        raise ValueError(
            f"activations and labels must have the same rows, got "
            f"{len(active.crow) - 1} and {len(labels)}; "
            "align them"
        )
    if not bool((active.value >= 0).all()) or bool(active.value.isinf().any()):
        raise ValueError(
            "activations must be finite and not negative, got some that are not; "
            "score the positive and the negative part one after the other"
        )


def _entries(active: Active, labels: Tensor, width: int) -> _Entries:
    checked(active, labels)
    if len(active.latent) and int(active.latent.max()) >= width:
        raise ValueError(
            f"latents must be below width {width}, got {int(active.latent.max())}; "
            f"give the width"
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
    return _Entries(latent, row, value, run, first - start, last - start)


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


def _positives(labels: Tensor) -> _Labels:
    known = labels.cpu().numpy()
    crow = np.concatenate([[0], np.cumsum(known.sum(1))])
    return _Labels(crow, np.nonzero(known)[1], known.sum(0), len(known))


def _chunks(latent: ndarray, per_entry: ndarray) -> list[tuple[int, int]]:
    """Ranges of entries that hold whole latents and about CHUNK_PAIRS pairs each."""
    if not len(latent):
        return []
    starts = np.flatnonzero(np.diff(latent, prepend=-1))
    before = (np.cumsum(per_entry) - per_entry)[starts]
    cuts = starts[np.flatnonzero(np.diff(before // CHUNK_PAIRS, prepend=-1))]
    ends = [*cuts.tolist()[1:], len(latent)]
    return list(zip(cuts.tolist(), ends, strict=True))


def _pairs(
    entries: _Entries, known: _Labels, begin: int, end: int
) -> tuple[_Entries, ndarray]:
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
    return _Entries(*(x[entry] for x in entries)), (key >> 32) + int(
        entries.latent[begin]
    ) * count


class _Table:
    """Tables [latent, label], flat, that the chunks fill in."""

    def __init__(self, width: int, known: _Labels, fires: ndarray) -> None:
        self.known, self.shape, self.fires = known, (width, len(known.positive)), fires
        size = width * len(known.positive)
        self.f1, self.threshold = np.zeros(size), np.full(size, np.inf)
        self.true, self.told = (
            np.zeros(size, dtype=np.int32),
            np.zeros(size, dtype=np.int32),
        )
        self.tp = np.zeros(size, dtype=np.int32)
        self.in_order = np.zeros(
            size
        )  # twice the pairs in the right order whose row with the label fires

    def add(self, pairs: _Entries, cell: ndarray) -> None:
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

    def scores(self, dtype: torch.dtype) -> PairScores:
        """The finished tables; single precision unless the activations were double."""
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
        return PairScores(*(torch.from_numpy(table).to(dtype) for table in tables))


def _share(part: ndarray, whole: ndarray, *, empty: float = 0.0) -> ndarray:
    """part / whole, and `empty` where whole is 0."""
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.full(part.shape, empty), where=whole > 0)
