"""F1, precision, recall and AUROC: of decisions and scores, and of each latent alone
for each label, all latents x all labels in one pass over the nonzeros.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from saecore.measures.algebra.pair_tables import (
    PairTable,
    pair_chunks,
    pair_entries,
    pairs_between,
    positives,
)
from saecore.sparse import Active


class Agreement(NamedTuple):
    """F1, precision and recall of decisions; 0/0 counts as 0, as in scikit-learn."""

    f1: Float[Tensor, "*shape"]
    """2 true positives / (told + positive): the harmonic mean of the other two."""
    precision: Float[Tensor, "*shape"]
    """True positives / told: share of right ones among the cases told."""
    recall: Float[Tensor, "*shape"]
    """True positives / positive: share of the positive cases that are told."""


class PairScores(NamedTuple):
    """F1, AUROC and their parts of each latent as a classifier of each label, on the
    rows it was given. F1 and its parts are 0 where no row is told rightly (0/0 counts
    as 0, as in scikit-learn).
    """

    f1: Float[Tensor, "latent label"]
    """Largest F1 of "activation >= threshold" over thresholds > 0."""
    threshold: Float[Tensor, "latent label"]
    """Its threshold, the highest on ties; inf if the best F1 is 0."""
    precision: Float[Tensor, "latent label"]
    """At that threshold."""
    recall: Float[Tensor, "latent label"]
    """At that threshold."""
    auroc: Float[Tensor, "latent label"]
    """Area under the ROC curve; nan for a label with one value only."""
    fires_f1: Float[Tensor, "latent label"]
    """F1 of "activation > 0"."""
    fires_precision: Float[Tensor, "latent label"]
    """Share of the rows it fires on that have the label."""
    fires_recall: Float[Tensor, "latent label"]
    """Share of the rows with the label that it fires on."""


class Best(NamedTuple):
    """For each label the best latent, and that latent's scores."""

    latent: Int[Tensor, " label"]
    """Which (the first on ties)."""
    f1: Float[Tensor, " label"]
    """Its F1 at its best threshold."""
    threshold: Float[Tensor, " label"]
    """That threshold."""
    precision: Float[Tensor, " label"]
    """At that threshold."""
    recall: Float[Tensor, " label"]
    """At that threshold."""
    auroc: Float[Tensor, " label"]
    """Its area under the ROC curve."""
    fires_f1: Float[Tensor, " label"]
    """F1 of "it fires"."""
    fires_precision: Float[Tensor, " label"]
    """Precision of "it fires"."""
    fires_recall: Float[Tensor, " label"]
    """Recall of "it fires"."""


def agreement(
    decision: Bool[Tensor, "*#shape case"], positive: Bool[Tensor, "*#shape case"]
) -> Agreement:
    """F1, precision and recall over the last axis; the axes before it broadcast."""
    return agreement_of_counts(
        (decision & positive).sum(-1), decision.sum(-1), positive.sum(-1)
    )


def agreement_of_counts(
    true: Shaped[Tensor, "*#shape"],
    told: Shaped[Tensor, "*#shape"],
    positive: Shaped[Tensor, "*#shape"],
) -> Agreement:
    """F1, precision and recall from counts: true positives, cases told, positive
    cases; float64.
    """
    true, told, positive = (
        x.double() for x in torch.broadcast_tensors(true, told, positive)
    )
    shares = ((2 * true, told + positive), (true, told), (true, positive))
    return Agreement(*(torch.where(w > 0, p / w.clamp_min(1), 0) for p, w in shares))


def auroc(
    score: Float[Tensor, "*#shape case"], positive: Bool[Tensor, "*#shape case"]
) -> Float[Tensor, "*shape"]:
    """AUROC, the area under the ROC curve, over the last axis; the axes before it
    broadcast.

    The share of (positive, other) pairs whose positive case has the larger score, ties
    counting half: Mann-Whitney's U over the number of pairs. nan where either kind is
    missing; float64.
    """
    known = positive.cpu()
    above = (midranks(score) * known).sum(-1)
    return auroc_of_rank_sums(above, known.sum(-1), cases=known.shape[-1])


def midranks(score: Float[Tensor, "*shape case"]) -> Float[Tensor, "*shape case"]:
    """Midranks over the last axis: ranks from 1, ties at their mean; float64, on the
    CPU.
    """
    from scipy.stats import rankdata  # 40 MB that few need

    return torch.from_numpy(rankdata(score.double().cpu().numpy(), axis=-1))


def auroc_of_rank_sums(
    rank_sum: Float[Tensor, "*#shape"], positive: Int[Tensor, "*#shape"], *, cases: int
) -> Float[Tensor, "*shape"]:
    """AUROC (Mann-Whitney) from the sum of the positive cases' midranks and their
    number: (R - P (P + 1) / 2) / (P (N - P)); nan for P = 0 or P = N.
    """
    p = positive.double()
    return (rank_sum - p * (p + 1) / 2) / (p * (cases - p))


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
    or use `sparse_probes`. Raises ValueError where rows do not align, or activations
    are negative or not finite. Source: 2409.14507 section 4 scores single latents by F1
    (of "fires") and AUROC; the best threshold is our addition.
    """
    entries, known = pair_entries(active, labels, width), positives(labels)
    table = PairTable(width, known, np.bincount(entries.latent, minlength=width))
    per_row = np.diff(known.crow)[entries.row]
    for begin, end in pair_chunks(entries.latent, per_row):
        table.add(*pairs_between(entries, known, begin, end))
    return PairScores(*table.scores(active.value.dtype))


def best(scores: PairScores) -> Best:
    """The best latent of each label: the one with the largest best-threshold F1. Raises
    ValueError for no latents.
    """
    if not len(scores.f1):
        raise ValueError(
            "the best of no latents does not exist; give scores of at least one latent"
        )
    latent = scores.f1.argmax(0)
    label = torch.arange(scores.f1.shape[1])
    return Best(latent, *(score[latent, label] for score in scores))
