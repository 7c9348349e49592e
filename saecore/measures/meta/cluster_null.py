"""Rows that fall into clusters and have no parts: a null for meta-SAEs.

Gaussian rows of the same covariance have no clusters, so a meta-SAE that finds nothing
but clusters beats them. Here rows keep their mean, their covariance, and how much of
them one k-means centre explains.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.measures.algebra.nearest import unit_rows
from saecore.shapes import Rows

TIGHTNESSES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Tightnesses that are tried; between two of them the share is taken as linear."""


def k_means(
    rows: Rows, count: int, *, seed: int = 0
) -> Float[Tensor, "centre d_model"]:
    """k-means centres of `count` clusters of the rows, from their mean (Lloyd's
    algorithm, scikit-learn); as many as there are rows if these are fewer.

    One active centre per row is a meta-SAE with k = 1: it says how far rows fall into
    groups without being made of parts.
    """
    from sklearn.cluster import KMeans

    x = rows - rows.mean(0)
    how = {"n_init": "auto", "max_iter": 50, "random_state": seed}
    centres = KMeans(min(count, len(x)), **how).fit(x.cpu().double().numpy())
    return torch.as_tensor(centres.cluster_centers_).to(rows)


def one_centre(train: Rows, held: Float[Tensor, "held d_model"], count: int) -> float:
    """Centred variance of unseen rows that the nearest of `count` k-means centres of
    other rows explains: how far rows fall into clusters. Below zero where they do not.
    """
    mean, centres = train.mean(0), k_means(train, count)
    left = torch.cdist((held - mean).double(), centres.double()).amin(1).square().sum()
    return float(1 - left / (held - mean).double().square().sum())


class Clustered(NamedTuple):
    """Rows in clusters; see `clustered`."""

    rows: Rows
    """Of norm 1."""
    tightness: float
    """How far the centres lie from the mean, as a share of the real rows' centres."""


def clustered(
    rows: Rows,
    train: Int[Tensor, " trained"],
    held: Int[Tensor, " held"],
    *,
    count: int,
    generator: Generator,
) -> Clustered:
    """Cluster null: Gaussian rows around the k-means centres of the real rows, with
    their mean and covariance, and no other structure.

    Row i is mean + a c_i + noise, where c_i is its centre among `count` of the rows
    trained on, and the noise has the covariance that is missing. The tightness a is
    such that `one_centre` of the null is that of the rows: centres fitted to rows
    without clusters would else give the null more of them than the rows have.
    """
    centres, mean = k_means(rows[train], count).double(), rows[train].double().mean(0)
    x = rows.double() - mean
    member = centres[torch.cdist(x, centres).argmin(1)]
    noise = torch.randn(x.shape, generator=generator, dtype=torch.float64)
    known = torch.cat([train, held])

    def at(tightness: float) -> Rows:
        return _around(mean, tightness * member, x, noise, known).to(rows.dtype)

    drawn = [at(step) for step in TIGHTNESSES]
    reached = [one_centre(one[train], one[held], count) for one in drawn]
    wanted = one_centre(rows[train], rows[held], count)
    tightness = _crossing(wanted, reached)
    return Clustered(at(tightness), tightness)


def _around(
    mean: Tensor, centre: Tensor, x: Tensor, noise: Tensor, known: Tensor
) -> Tensor:
    """Rows about `centre`, with the covariance that x has beyond the centres'."""
    both = [one[known] - one[known].mean(0) for one in (x, centre)]
    missing = (both[0].T @ both[0] - both[1].T @ both[1]) / len(known)
    values, axes = torch.linalg.eigh(missing)
    spread = noise @ (axes * values.clamp(min=0).sqrt()) @ axes.T
    return unit_rows(mean + centre + spread)


def _crossing(wanted: float, reached: list[float]) -> float:
    """Where the shares that the steps reach come to the one that is wanted."""
    for place in range(1, len(TIGHTNESSES)):
        low, high = reached[place - 1], reached[place]
        if high >= wanted:
            part = 0.0 if low >= wanted else (wanted - low) / (high - low)
            return TIGHTNESSES[place - 1] + part * (
                TIGHTNESSES[place] - TIGHTNESSES[place - 1]
            )
    return 1.0
