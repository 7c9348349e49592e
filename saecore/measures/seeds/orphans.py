"""Orphans, latents that are not shared: how often they fire, and whether the other
dictionary holds them in pieces.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.intervals import wilson
from saecore.measures.algebra.matching_pursuit import pursue
from saecore.measures.algebra.nearest import unit_rows


class ByFrequency(NamedTuple):
    """Share of shared latents among latents that fire about equally often."""

    edge: Float[Tensor, "edge"]
    """Bins are [edge_b, edge_b+1); the last includes its end."""
    latents: Int[Tensor, "bin"]
    """Latents in the bin."""
    share: Float[Tensor, "bin"]
    """Shared among them; nan for an empty bin."""
    low: Float[Tensor, "bin"]
    """Lower end of its interval (Wilson)."""
    high: Float[Tensor, "bin"]
    """Upper end."""
    mass: Float[Tensor, "bin"]
    """Share of all firings that the bin carries."""


def by_frequency(
    shared: Bool[Tensor, "latent"],
    count: Tensor,
    *,
    level: float,
    edges: Sequence[float] | None = None,
) -> ByFrequency:
    """Share of shared latents by firing count (2501.16615, post Fig 3: rare latents
    are mostly orphans).

    `count` [latent]: firings or frequencies. Bins are decades from the rarest to the
    most frequent live latent unless `edges` are given; dead latents fall outside of the
    default bins. `level` is the confidence of the intervals. Raises ValueError without
    two rising edges, or without a latent that fires.
    """
    count = count.double().cpu()
    edge = torch.as_tensor(
        _decades(count) if edges is None else list(edges), dtype=torch.float64
    )
    if len(edge) < 2 or (edge.diff() <= 0).any():
        raise ValueError(f"bins need at least two rising edges, got {edge.tolist()}")
    last = len(edge) - 2
    bin_of = (torch.bucketize(count, edge, right=True) - 1).where(
        count < edge[-1], torch.tensor(last)
    )
    inside = (count >= edge[0]) & (count <= edge[-1])
    total = torch.bincount(bin_of[inside], minlength=last + 1)
    hits = torch.bincount(bin_of[inside & shared], minlength=last + 1)
    mass = torch.bincount(
        bin_of[inside], weights=count[inside], minlength=last + 1
    ) / count.sum().clamp(min=1e-300)
    rows = [
        wilson(int(h), int(n), level=level) for h, n in zip(hits, total, strict=True)
    ]
    share, low, high = (
        torch.tensor([row[i] for row in rows], dtype=torch.float64) for i in range(3)
    )
    return ByFrequency(edge, total, share, low, high, mass)


def _decades(count: Tensor) -> Tensor:
    live = count[count > 0]
    if not len(live):
        raise ValueError(
            "bins by frequency need a latent that fires, got none; look at more rows"
        )
    low, high = live.min().log10().floor(), live.max().log10().floor() + 1
    return 10.0 ** torch.arange(float(low), float(high) + 0.5, dtype=torch.float64)


class Pieces(NamedTuple):
    """Directions rebuilt from few rows of another dictionary."""

    explained: Float[Tensor, "row step"]
    """Share of the squared norm explained by the first 1, 2, ... atoms."""
    atom: Int[Tensor, "row step"]
    """Which row of the other dictionary was added at each step."""
    weight: Float[Tensor, "row step"]
    """Final least-squares weights, for unit rows and atoms."""


def pieces(
    rows: Float[Tensor, "row d_model"],
    atoms: Float[Tensor, "atom d_model"],
    *,
    count: int,
) -> Pieces:
    """Orthogonal matching pursuit: rebuild each direction from `count` rows of the
    other dictionary.

    Greedy: take the atom with the largest absolute cosine with what is left, refit all
    weights by least squares, repeat (Pati et al. 1993). `explained[:, 0]` is the
    squared largest absolute cosine: one-to-one sharing; a jump at the second step
    speaks for a latent that the other seed split in two. Not in 2501.16615. Chance does
    this too: put atoms of a null beside it. Raises ValueError where the spaces differ
    or there are fewer than `count` atoms.
    """
    rows = unit_rows(rows)
    found = pursue(rows, unit_rows(atoms), count=count)
    norm = rows.square().sum(1, keepdim=True).clamp(min=1e-30)
    return Pieces(1 - found.left / norm, found.atom, found.weight)
