"""Linear concept erasure: affine edits of a row that remove what it says about a label,
and nothing else if they can.

Erasers that need no dictionary. Those of a dictionary's latent stand in
`saecore.measures.editing.latent_erasure`, and how strong an eraser must be in
`saecore.measures.editing.erasure_strength`.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.classifier_scores import auroc
from saecore.shapes import Rows

Eraser = Callable[[Tensor], Tensor]
"""Rows [..., d_model] -> the same rows, edited."""


class Affine(NamedTuple):
    """An affine eraser: x -> x - (x - centre) right left', of rank r at most."""

    left: Float[Tensor, "d_model rank"]
    """What is taken away."""
    right: Float[Tensor, "d_model rank"]
    """How much of it, read from the row."""
    centre: Float[Tensor, " d_model"]
    """The row that is left as it is."""

    def __call__(self, x: Float[Tensor, "... d_model"]) -> Float[Tensor, "... d_model"]:
        """The edited rows."""
        return x - (x - self.centre) @ self.right @ self.left.T


def leace(
    x: Rows,
    label: Bool[Tensor, " of_row"] | Int[Tensor, " of_row"],
    *,
    shrink: bool = False,
    tolerance: float = 1e-5,
) -> Affine:
    """Least-squares concept erasure (LEACE): the smallest edit after which no linear
    probe can tell the label.

    r(x) = x - W+ P W (x - E x), W = (Cov x)^(-1/2) on the span of the rows, P the
    orthogonal projector on the columns of W Cov(x, z), z the label as one-hot columns.
    Afterwards Cov(r(x), z) = 0, and of all affine edits with that property it has the
    least E |r(x) - x|^2. Computed in float64; directions with less than `tolerance` of
    the largest variance count as absent. With `shrink`, Cov x is estimated with
    shrinkage (see `shrunk`): better for few rows of many dimensions. The labels are
    then still uncorrelated with the edited rows, but the edit is no longer the smallest
    on the given rows.

    Source: Belrose et al. (2306.03819), theorem 4.3; used in Cunningham et al.
    (2309.08600v1). Their package, concept-erasure, shrinks and also limits the trace of
    the edited covariance unless told not to; here the theorem is taken as it is unless
    shrinkage is asked for. Raises ValueError unless at least two labels occur.
    """
    z = _one_hot(x, label)
    rows = x.double()
    mean = rows.mean(0)
    centred = rows - mean
    covariance = centred.T @ centred / len(rows)
    variance, basis = torch.linalg.eigh(
        shrunk(covariance, len(rows)) if shrink else covariance
    )
    kept = variance > tolerance * variance[-1]
    root = variance[kept].sqrt()
    whiten, unwhiten = basis[:, kept] / root, basis[:, kept] * root
    cross = whiten.T @ (centred.T @ (z - z.mean(0)) / len(rows))
    u, size, _ = torch.linalg.svd(cross, full_matrices=False)
    u = u[:, size > 1e-9]  # nothing to erase gives rank 0
    return Affine(
        (unwhiten @ u).to(x.dtype), (whiten @ u).to(x.dtype), mean.to(x.dtype)
    )


def shrunk(
    covariance: Float[Tensor, "d_model other_d_model"], rows: int
) -> Float[Tensor, "d_model other_d_model"]:
    """Linear shrinkage of a covariance S of n rows, towards the multiple m I of the
    identity that has its trace.

    a S + (1 - a) m I with 1 - a = tr(S)^2 / n / (|S|^2 - tr(S)^2 / d), at most 1, in
    the Frobenius norm.

    Source: Bodnar, Gupta and Parolya (1308.2608) with that target; what concept-erasure
    does by default.
    """
    trace, d = covariance.trace(), len(covariance)
    uneven = (
        covariance * covariance
    ).sum() - trace * trace / d  # 0 if it is a multiple of the identity
    to_even = (
        (trace * trace / rows / uneven).clamp(0, 1)
        if uneven > 0
        else covariance.new_tensor(1.0)
    )
    return covariance * (1 - to_even) + to_even * trace / d * torch.eye(d).to(
        covariance
    )


def mean_difference(x: Rows, label: Bool[Tensor, " row"]) -> Affine:
    """Mean difference: project out the difference of the two labels' mean rows, about
    the mean of all rows.

    The authors' code projects about the origin, which also moves what all rows have in
    common; about the mean the edit is smaller and erases as much.
    """
    _one_hot(x, label)
    return along(x[label].mean(0) - x[~label].mean(0), centre=x.mean(0))


def along(
    direction: Float[Tensor, " d_model"],
    *,
    centre: Float[Tensor, " d_model"] | None = None,
) -> Affine:
    """Projection of one direction out of rows, about the origin or about `centre`.

    Raises ValueError if the direction is zero.
    """
    length = direction.norm()
    if not length > 0:
        raise ValueError(
            "a direction to project out must not be zero, but it is: choose another one"
        )
    unit = (direction / length)[:, None]
    return Affine(unit, unit, torch.zeros_like(direction) if centre is None else centre)


def auroc_from_half(
    values: Float[Tensor, "row column"], label: Bool[Tensor, " row"]
) -> Float[Tensor, " column"]:
    """|AUROC - 1/2| of each column, 0 to 0.5: how well it alone tells the label;
    float64.
    """
    return (auroc(values.T, label) - 0.5).abs()


def spread(
    x: Rows, label: Bool[Tensor, " row"], directions: Float[Tensor, "direction d_model"]
) -> Float[Tensor, " direction"]:
    """|AUROC - 1/2| of the rows' projections on each direction, 0 to 0.5: how well it
    alone tells the label.
    """
    return auroc_from_half(x @ directions.T, label)


def without_dictionary(
    x: Rows,
    label: Bool[Tensor, " row"],
    axes: Float[Tensor, "axis d_model"],
    *,
    generator: torch.Generator,
) -> dict[str, Affine]:
    """Erasers that need no dictionary, by name: LEACE (also with a shrunk covariance),
    the mean difference, the best of some axes, a random direction.

    All about the mean of the given rows. The axis is the one that tells the label best
    on its own (`spread`). Raises ValueError as `leace` does.
    """
    best = axes[spread(x, label, axes).argmax()]
    random = torch.randn(x.shape[1], generator=generator).to(x)
    return {
        "LEACE": leace(x, label),
        "LEACE, shrunk": leace(x, label, shrink=True),
        "mean difference": mean_difference(x, label),
        "PCA axis": along(best, centre=x.mean(0)),
        "random direction": along(random, centre=x.mean(0)),
    }


def _one_hot(x: Tensor, label: Tensor) -> Float[Tensor, "row label"]:
    if len(label) != len(x):
        raise ValueError(
            f"every row needs a label, but {len(x)} rows came with {len(label)} "
            "labels: pass one for each"
        )
    values = label.unique()
    if len(values) < 2:
        raise ValueError(
            "at least two different labels must occur, but all rows have the same: "
            "add others"
        )
    return (label[:, None] == values).double()
