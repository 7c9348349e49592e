"""What dictionaries of several widths are good for: probes on few latents, and edits
aimed at one class.

Leask et al. (2502.04878, section 6 and appendix A.8) ask whether one width is best for
all tasks. Both measures take activations and labels as arrays and judge on rows that
nothing was fitted on.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

from saecore.measures.algebra.l1_logistic import csc_of
from saecore.measures.algebra.logistic import logistic
from saecore.measures.dictionary.encoded import Encoded
from saecore.shapes import Rows

ABLATED = 10
"""Latents per class; the paper takes up to 50 of 768 and more."""


def few_latents(
    one: Encoded,
    labels: Bool[Tensor, "row label"],
    fold: Int[Tensor, " row"],
    *,
    ks: Sequence[int] = (1,),
) -> Float[Tensor, "k label"]:
    """Sparse probing: balanced accuracy of probes on the k most telling latents, per
    label (figures 21 and 22).

    For every fold: activations are divided by their standard deviation, so that no
    latent's scale matters; latents are ranked by |mean with the label - mean without|
    on rows of the other folds, and a balanced logistic regression on the first k is
    fitted there and judged on the fold. Accuracy is the mean of that with and without
    the label: 1/2 is chance for every label. The paper (an early SAEBench) ranks by the
    difference of raw activations and judges on balanced samples.

    Folds are what keeps the words of a language model apart. Raises ValueError unless
    every label is seen and missing in all folds, and their complements.
    """
    y, told = labels.cpu().numpy(), told_by_few(one, labels, fold, ks=ks).numpy()
    return torch.from_numpy(np.stack([_balanced(guess, y) for guess in told]))


def told_by_few(
    one: Encoded,
    labels: Bool[Tensor, "row label"],
    fold: Int[Tensor, " row"],
    *,
    ks: Sequence[int] = (1,),
) -> Bool[Tensor, "k row label"]:
    """Sparse probing: the decisions behind `few_latents`, each by a probe that has not
    seen the row.
    """
    y, fold_of = labels.cpu().numpy(), fold.cpu().numpy()
    _check(one.rows, y, fold_of)
    x = csc_of(one.active, one.width)
    said = np.zeros((len(ks), *y.shape), dtype=bool)
    for judge in np.unique(fold_of):
        fit = fold_of != judge
        spread = _spread(x, fit)
        order = np.argsort(
            -np.abs(_differences(x, y, fit) / spread), axis=1, kind="stable"
        )[:, : max(ks)]
        columns = np.stack(
            [x[:, latent].toarray() / spread[latent] for latent in order]
        )
        for place, k in enumerate(ks):
            said[place][~fit] = _told(columns[:, :, :k], y, fit)[:, ~fit].T
    return torch.from_numpy(said)


def _check(rows: int, y: ndarray, fold: ndarray) -> None:
    if not rows == len(y) == len(fold):
        raise ValueError(
            "activations, labels and folds must have the same rows, got "
            f"{rows}, {len(y)} and {len(fold)}: align them"
        )
    parts = [y[fold == f] for f in np.unique(fold)]
    if len(parts) < 2 or any((~part.any(0) | part.all(0)).any() for part in parts):
        raise ValueError(
            "every label must be present and absent in each of at least two folds, "
            f"got {len(parts)} folds and labels with {y.sum(0).min()} to "
            f"{y.sum(0).max()} rows of {len(y)}: drop rare labels, or take fewer folds"
        )


def _differences(x: Any, y: ndarray, fit: ndarray) -> ndarray:
    """Mean activation with each label minus that without, on some rows: [label,
    latent].
    """
    with_label, without = (
        (y & fit[:, None]).astype(float),
        (~y & fit[:, None]).astype(float),
    )
    means = [x.T @ part / part.sum(0) for part in (with_label, without)]
    return (means[0] - means[1]).T


def _spread(x: Any, fit: ndarray) -> ndarray:
    """Standard deviation of each latent on some rows; 1 where it is 0."""
    weight = fit / fit.sum()
    square = x.multiply(x).T @ weight - (x.T @ weight) ** 2
    return np.where(square > 0, np.sqrt(np.maximum(square, 0)), 1.0)


def _told(columns: ndarray, y: ndarray, fit: ndarray) -> ndarray:
    """Decisions [label, row] of one balanced logistic regression per label, fitted on
    some rows.
    """
    kinds = [kind[fit].T for kind in (y, ~y)]
    positive, negative = (kind / (2 * kind.mean(1, keepdims=True)) for kind in kinds)
    coefficient = logistic(columns[:, fit], positive, negative, l2=1.0)
    return (
        np.matmul(columns, coefficient[:, :-1, None])[:, :, 0] + coefficient[:, -1:] > 0
    )


def _balanced(said: ndarray, y: ndarray) -> ndarray:
    """Mean of the shares of rows told rightly with and without each label."""
    return ((said & y).sum(0) / y.sum(0) + (~said & ~y).sum(0) / (~y).sum(0)) / 2


class Perturbed(NamedTuple):
    """Targeted probe perturbation: what ablating the latents of one class does to the
    probes of all.
    """

    change: Float[Tensor, "target probe"]
    """Change of the probe's balanced accuracy, negative: it falls."""
    accuracy: Float[Tensor, "probe"]
    """Before any ablation."""
    latents: Int[Tensor, "target rank"]
    """Ablated for each class, the most telling first; -1: none left."""

    @property
    def own(self) -> float:
        """Mean fall of the accuracy of the class that was aimed at."""
        return -float(self.change.diagonal().mean())

    @property
    def others(self) -> float:
        """Mean fall of the accuracy of the other classes."""
        off = ~torch.eye(len(self.change), dtype=torch.bool)
        return -float(self.change[off].mean())

    @property
    def score(self) -> float:
        """S_TPP (eq 11): the fall on the class aimed at minus that on the others.

        Of two complementary classes the probes are one probe with two signs, so that
        all accuracies are equal and the score is zero, whatever is ablated.
        """
        return self.own - self.others


class ClassProbes(NamedTuple):
    """One linear probe per class on the rows themselves, and the rows that taught
    them.
    """

    weight: Float[Tensor, "probe d_model"]
    """In the coordinates of the rows."""
    bias: Float[Tensor, " probe"]
    """Offset: logit = <weight, row> + bias."""
    label: Bool[Tensor, "row probe"]
    """Whether the row is of the class."""
    taught: Bool[Tensor, " row"]
    """All others are for judging."""


def class_probes(
    x: Rows, label: Int[Tensor, " row"], taught: Bool[Tensor, " row"]
) -> ClassProbes:
    """Linear probes of classes: a balanced logistic regression "is class c" for every
    class, on the rows `taught`.

    Coordinates are divided by their standard deviation for the fit; the weights are
    those for raw rows. `label` counts classes from 0. Raises ValueError unless every
    class, and its complement, has rows to teach and rows to judge.
    """
    y, fit, rows = _classes(label), taught.cpu().numpy(), x.double().cpu().numpy()
    _check(len(rows), y, fit.astype(int))
    spread = np.maximum(rows[fit].std(0), 1e-12)
    kinds = [kind[fit].T / (2 * kind[fit].T.mean(1, keepdims=True)) for kind in (y, ~y)]
    scaled = (rows / spread)[None, fit]
    probe = np.concatenate(
        [
            logistic(scaled, p[None], n[None], l2=1.0)
            for p, n in zip(*kinds, strict=True)
        ]
    )
    weight, bias = (
        torch.from_numpy(probe[:, :-1] / spread),
        torch.from_numpy(probe[:, -1]),
    )
    return ClassProbes(weight, bias, torch.from_numpy(y), taught.cpu())


def _classes(label: Tensor) -> ndarray:
    return torch.nn.functional.one_hot(label.long().cpu()).bool().numpy()


def perturbed(
    one: Encoded, x: Rows, probes: ClassProbes, *, ablate: int = ABLATED
) -> Perturbed:
    """Targeted probe perturbation: ablate, class by class, the latents that the class's
    probe reads, and read all probes again.

    A latent's attribution to class c is I = (mean activation with c - mean without) <d,
    P_c> (eq 10) on the rows that taught the probes. The `ablate` latents with the
    largest positive I are set to zero (x loses their sum of a d; what the dictionary
    does not reconstruct stays), and all probes are judged on the other rows by balanced
    accuracy. Raises ValueError where the rows do not match.
    """
    y, fit = probes.label.numpy(), probes.taught.numpy()
    _check(one.rows, y, fit.astype(int))
    active = csc_of(one.active, one.width)
    reads = (probes.weight @ one.W_dec.double().cpu().T).numpy()
    attribution = _differences(active, y, fit) * reads
    order = np.argsort(-attribution, axis=1, kind="stable")[:, :ablate]
    chosen = np.where(np.take_along_axis(attribution, order, 1) > 0, order, -1)
    logit = (x.double().cpu() @ probes.weight.T + probes.bias).numpy()[~fit]
    before, after = _balanced(logit > 0, y[~fit]), []
    for latents in chosen:
        gone = latents[latents >= 0]
        lost = active[:, gone].toarray()[~fit] @ reads[:, gone].T
        after.append(_balanced(logit - lost > 0, y[~fit]))
    change = torch.from_numpy(np.stack(after) - before)
    return Perturbed(change, torch.from_numpy(before), torch.from_numpy(chosen))
