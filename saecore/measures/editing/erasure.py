"""Erasers: edits of a row that remove what it says about a label, and nothing else if
they can.

Every eraser here is a function of rows. Those that are affine are `Affine`; the latent
of a dictionary may also be subtracted, which leaves rows alone where the latent is
silent.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.classifier_scores import pair_scores
from saecore.shapes import Dictionary, Rows
from saecore.sparse import sparse

Eraser = Callable[[Tensor], Tensor]


class Affine(NamedTuple):
    """x -> x - (x - centre) right left', an edit of rank r at most."""

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
    """Least-squares concept erasure: the smallest edit after which no linear probe can
    tell the label.

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
    """A covariance S of n rows, shrunk towards the multiple m I of the identity that
    has its trace.

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
    """Project out the difference of the two labels' mean rows, about the mean of all
    rows.

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
    """Project out one direction (about the origin, or about `centre`). Raises
    ValueError if it is zero.
    """
    length = direction.norm()
    if not length > 0:
        raise ValueError(
            "a direction to project out must not be zero, but it is: choose another one"
        )
    unit = (direction / length)[:, None]
    return Affine(unit, unit, torch.zeros_like(direction) if centre is None else centre)


def subtracted(dictionary: Dictionary, latents: Int[Tensor, " chosen"]) -> Eraser:
    """Set the chosen latents to zero: x - sum_j a_j d_j; rows in which all are silent
    stay as they are.
    """

    def erase(x: Tensor) -> Tensor:
        flat = x.reshape(-1, x.shape[-1])
        active = dictionary.encode(flat)[:, latents]
        return (flat - active @ dictionary.W_dec[latents]).view_as(x)

    return erase


def spread(
    x: Rows, label: Bool[Tensor, " row"], directions: Float[Tensor, "direction d_model"]
) -> Tensor:
    """How well each direction alone tells the label: |AUROC - 1/2| of the rows'
    projections, 0 to 0.5.
    """
    projection = x @ directions.T
    above = (
        projection - projection.min(0).values + 1.0
    )  # every entry positive: all rows are ranked
    auroc = pair_scores(sparse(above), label[:, None], width=len(directions)).auroc[
        :, 0
    ]
    return (auroc - 0.5).abs()


def candidates(
    dictionary: Dictionary, x: Rows, label: Bool[Tensor, " row"], *, count: int = 4
) -> Int[Tensor, " chosen"]:
    """The latents whose activations alone tell the label best, by |AUROC - 1/2|, best
    first.

    The authors' code fits a probe after every single projection; ranking by AUROC needs
    one pass. Their next step, trying the best few on the task itself, is left to the
    caller.
    """
    latents = dictionary.encode(x)
    auroc = pair_scores(sparse(latents), label[:, None], width=latents.shape[1]).auroc[
        :, 0
    ]
    return (auroc - 0.5).abs().topk(min(count, len(auroc))).indices


class Chosen(NamedTuple):
    """One latent as an eraser, chosen on the task."""

    latent: int
    eraser: Eraser
    right: float
    """What is left of the task: the mean probability of the right answer."""


def best_latent(
    dictionary: Dictionary,
    x: Rows,
    label: Bool[Tensor, " row"],
    right: Callable[[Eraser], float],
    *,
    count: int = 4,
) -> dict[str, Chosen]:
    """Of the `count` best candidates the one after which the task is worst,
    "subtracted" and "projected".

    The choice of Cunningham et al. (2309.08600v1, code): a few latents that tell the
    label, then the task itself.
    """
    tried: dict[str, list[Chosen]] = {"subtracted": [], "projected": []}
    for latent in candidates(dictionary, x, label, count=count).tolist():
        silenced = subtracted(dictionary, torch.tensor([latent]))
        for way, eraser in (
            ("subtracted", silenced),
            ("projected", along(dictionary.W_dec[latent])),
        ):
            tried[way].append(Chosen(latent, eraser, right(eraser)))
    return {way: min(found, key=lambda one: one.right) for way, found in tried.items()}


def stronger(ways: Mapping[str, Chosen]) -> Chosen:
    """Of the ways to erase that `best_latent` found the one that leaves least of the
    task.
    """
    return min(ways.values(), key=lambda one: one.right)


def without_dictionary(
    x: Rows,
    label: Bool[Tensor, " row"],
    axes: Float[Tensor, "axis d_model"],
    *,
    generator: torch.Generator,
) -> dict[str, Affine]:
    """What a latent is compared with: LEACE (also with a shrunk covariance), the mean
    difference, the best of some axes, a random direction.

    All about the mean of the given rows. The axis is the one that tells the label best
    on its own.
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


def scaled(eraser: Eraser, strength: float) -> Eraser:
    """The same edit, `strength` times as long: x + strength (r(x) - x)."""

    def erase(x: Tensor) -> Tensor:
        return x + strength * (eraser(x) - x)

    return erase


def to_chance(
    eraser: Eraser,
    right: Callable[[Eraser], float],
    *,
    chance: float = 0.5,
    most: float = 8.0,
) -> float:
    """How strong an eraser must be for the task to fall to chance, to a thousandth of
    that (or of 1/4).

    `right` is the mean probability of the right answer under an eraser. Erasers are
    compared at one effect this way, not at the strength that each happens to have.
    Strengths are doubled from 1/2 until the task is no longer above chance; then
    Brent's method (scipy) finds where it gets there. The strength returned is the least
    one tried at which the task is at or below chance, never above. If `right` does not
    fall steadily there may be several such places, and this is one of them, not always
    the first. Infinite if even `most` times the edit leaves the task above chance.
    Raises ValueError if the task is at chance without an edit.
    """
    from scipy.optimize import brentq

    tried: dict[float, float] = {}

    def above(strength: float) -> float:
        if strength not in tried:
            tried[strength] = right(scaled(eraser, strength)) - chance
        return tried[strength]

    if not above(0.0) > 0:
        raise ValueError(
            "a task must be above chance before anything is erased: choose one that is solved"
        )
    low, high = 0.0, min(0.5, most)
    while above(high) > 0:
        if high >= most:
            return float("inf")
        low, high = high, min(2 * high, most)
    brentq(above, low, high, xtol=5e-4 * high)
    return min(strength for strength, by in tried.items() if by <= 0)


class Matched(NamedTuple):
    """An eraser made as strong as it takes."""

    strength: float
    """How many times the edit is taken: where the task comes to chance, or the most
    that was allowed.
    """
    reached: bool
    """Whether the task is at or below chance there."""
    eraser: Eraser
    """The edit at that strength."""


def at_chance(
    eraser: Eraser,
    right: Callable[[Eraser], float],
    *,
    chance: float = 0.5,
    most: float = 8.0,
) -> Matched:
    """The eraser at the strength that brings the task to chance (see `to_chance`), or
    at `most` if none does.

    An eraser that is not strong enough at `most` so counts with what it does there, and
    is marked.
    """
    strength = to_chance(eraser, right, chance=chance, most=most)
    reached = strength <= most
    strength = min(strength, most)
    return Matched(strength, reached, scaled(eraser, strength))


def _one_hot(x: Tensor, label: Tensor) -> Float[Tensor, "row label"]:
    if len(label) != len(x):
        raise ValueError(
            f"every row needs a label, but {len(x)} rows came with {len(label)} labels: pass one for each"
        )
    values = label.unique()
    if len(values) < 2:
        raise ValueError(
            "at least two different labels must occur, but all rows have the same: add others"
        )
    return (label[:, None] == values).double()
