"""Can a label be read off rows by a linear probe? Always judged on rows that the probe
has not seen.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

from saecore.measures.algebra.classifier_scores import agreement
from saecore.shapes import Rows

GATE_F1 = 0.6
"""SAEBench, absorption eval: min_GT_probe_f1; labels whose probe does not exceed it are
ignored.
"""


class Probed(NamedTuple):
    """A linear probe's decisions, each made by a probe that was fitted without that
    row.
    """

    accuracy: float
    """Share of rows whose label was told."""
    baseline: float
    """Share of the commonest label."""
    right: Bool[ndarray, "row"]
    """Whether each row was told rightly."""


def cross_fitted(
    x: Rows, labels: Sequence[str], *, folds: int = 4, shrinkage: float = 0.05
) -> Probed:
    """Accuracy of linear discriminant analysis, cross-fitted: with `folds` parts, each
    judged by the others.

    One row per word makes it cross-fitted *by word*: no word is both learnt and judged,
    so a probe cannot score by remembering words. Covariances are shrunk by `shrinkage`
    towards a multiple of the identity. Raises ValueError for fewer rows of some label
    than folds, or unequal numbers of rows and labels.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import StratifiedKFold

    if len(x) != len(labels):
        raise ValueError(
            f"every row needs one label, got {len(x)} rows and {len(labels)} labels; "
            "align them"
        )
    counts = Counter(labels)
    if len(counts) < 2 or min(counts.values()) < folds:
        raise ValueError(
            f"a probe cross-fitted in {folds} parts needs two labels with at least "
            f"{folds} rows each, got {dict(counts.most_common()[-3:])} as the rarest; "
            "drop the rare labels"
        )
    rows, names = x.double().cpu().numpy(), np.asarray(list(labels))
    rows = (rows - rows.mean(0)) / np.maximum(rows.std(0), 1e-12)
    right = np.zeros(len(names), dtype=bool)
    for seen, held in StratifiedKFold(folds, shuffle=True, random_state=0).split(
        rows, names
    ):
        probe = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(
            rows[seen], names[seen]
        )
        right[held] = probe.predict(rows[held]) == names[held]
    return Probed(float(right.mean()), max(counts.values()) / len(names), right)


class LinearProbes(NamedTuple):
    """One-vs-rest linear probes of several labels, scored on rows that they have not
    seen.
    """

    direction: Float[Tensor, "label d_model"]
    """The probe fitted on all rows, in the coordinates of the rows."""
    bias: Float[Tensor, " label"]
    """Its offset: logit = <direction, row> + bias."""
    logit: Float[Tensor, "row label"]
    """Out of fold."""
    decision: Bool[Tensor, "row label"]
    """Whether the logit is above 0."""
    f1: Float[Tensor, " label"]
    """Of the decisions, all folds together."""
    precision: Float[Tensor, " label"]
    """Share of right ones among the rows it says have the label."""
    recall: Float[Tensor, " label"]
    """Share of the rows with the label that it finds."""
    fold: Int[Tensor, " row"]
    """Each row is judged by a probe fitted on the rows of the other folds."""

    @property
    def passes(self) -> Bool[Tensor, " label"]:
        """Which labels a probe can tell: F1 above GATE_F1. Of the others nothing should
        be claimed.
        """
        return self.f1 > GATE_F1

    def at(self, rows: Int[Tensor, " some"]) -> "LinearProbes":
        """The same probes and scores, with the decisions of some rows alone."""
        return self._replace(
            logit=self.logit[rows], decision=self.decision[rows], fold=self.fold[rows]
        )


def fold_of(
    labels: Bool[Tensor, "row label"],
    *,
    groups: Int[Tensor, " row"] | None = None,
    folds: int = 5,
    seed: int = 0,
) -> Int[Tensor, " row"]:
    """Stratified group folds: one for each row, so that all rows of a group (a word)
    share one and the labels are spread evenly.

    Groups with the same labels (those of their first rows) are shuffled and dealt out
    in turn. Raises ValueError for fewer than two folds, or where a label has fewer
    groups with it, or without it, than folds.
    """
    groups = torch.arange(len(labels)) if groups is None else groups.cpu()
    if len(groups) != len(labels):
        raise ValueError(
            f"every row needs one group, got {len(labels)} rows and {len(groups)} "
            "groups; align them"
        )
    _, group = groups.unique(return_inverse=True)
    count = int(group.max()) + 1 if len(group) else 0
    first = torch.full((count,), len(labels)).scatter_reduce(
        0, group, torch.arange(len(group)), "amin"
    )
    known = labels.cpu()[first]
    rarest = torch.minimum(known.sum(0), (~known).sum(0))
    if folds < 2 or bool((rarest < folds).any()):
        raise ValueError(
            "two folds or more, and for each label as many groups with it and without "
            f"it, are needed; got {folds} folds and labels with "
            f"{sorted(rarest.tolist())[:3]} groups; drop the rare labels"
        )
    pattern = known.unique(dim=0, return_inverse=True)[1]
    shuffled = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    order = shuffled[pattern[shuffled].argsort(stable=True)]
    dealt = torch.empty(count, dtype=torch.int64)
    dealt[order] = torch.arange(count) % folds
    return dealt[group]


def linear_probes(
    x: Rows,
    labels: Bool[Tensor, "row label"],
    *,
    groups: Int[Tensor, " row"] | None = None,
    folds: int = 5,
    l2: float = 1e-3,
    seed: int = 0,
) -> LinearProbes:
    """Linear probes: one logistic regression per label, judged out of fold, with its
    direction in the coordinates of the rows.

    Each minimises mean_i s_i BCE(<w, x_i> + b, y_i) + l2 |w|^2 / 2 on standardised
    rows, s_i = #without / #with for rows with the label and 1 for others: the
    pos_weight of 2409.14507 (code: probing.py). A row has the label if the logit is
    above 0. `direction` is w over the standard deviations. `groups` (words) are kept
    together: no word is both learnt and judged.

    Departures: the paper runs Adam for 50 epochs (L2 1e-4 on raw rows) on 80 % of the
    words and judges the other 20 %; this is the optimum, and every row is judged once.
    Raises ValueError where `fold_of` does, for unequal numbers of rows and labels, and
    for rows that are not finite.
    """
    if len(x) != len(labels):
        raise ValueError(
            f"every row needs labels, got {len(x)} rows and {len(labels)} labels; "
            "align them"
        )
    if not bool(torch.isfinite(x).all()):
        raise ValueError(
            "rows must be finite, got NaN or infinity; leave those rows out"
        )
    fold = fold_of(labels, groups=groups, folds=folds, seed=seed)
    rows, known = x.detach().double().cpu(), labels.cpu()
    mean, scale = rows.mean(0), rows.std(0, correction=0)
    scale = torch.where(scale > 1e-12 * scale.max(), scale, 1)
    rows = (rows - mean) / scale
    logit = torch.empty(known.shape, dtype=torch.float64)
    for number in range(folds):
        held = fold == number
        weight, bias = _fitted(rows[~held].numpy(), known[~held].numpy(), l2)
        logit[held] = rows[held] @ weight.T + bias
    weight, bias = _fitted(rows.numpy(), known.numpy(), l2)
    direction = weight / scale
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    decision = logit > 0
    judged = agreement(decision.T, known.T)
    return LinearProbes(
        direction.to(dtype),
        (bias - direction @ mean).to(dtype),
        logit.to(dtype),
        decision,
        judged.f1.float(),
        judged.precision.float(),
        judged.recall.float(),
        fold,
    )


def _fitted(rows: ndarray, known: ndarray, l2: float) -> tuple[Tensor, Tensor]:
    """Weights [label, d_model] and biases of balanced one-vs-rest logistic
    regressions.
    """
    from sklearn.linear_model import LogisticRegression

    weights, biases = [], []
    for label in known.T:
        odds = (~label).sum() / label.sum()
        probe = LogisticRegression(
            C=1 / (l2 * len(rows)),
            class_weight={True: odds, False: 1.0},
            tol=1e-5,
            max_iter=2000,
        )
        probe.fit(rows, label)
        weights.append(probe.coef_[0])
        biases.append(float(np.ravel(probe.intercept_)[0]))
    return torch.from_numpy(np.stack(weights)), torch.tensor(
        biases, dtype=torch.float64
    )
