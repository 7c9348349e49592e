"""Who the orphans are: how often they fire, and whether another seed holds them in
pieces.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.dictionary.fidelity import firing, pool
from saecore.measures.dictionary.nulls import same_covariance
from saecore.measures.seeds.orphans import ByFrequency, by_frequency, pieces

HELD_OUT = 65_536
"""Rows on which firings are counted."""
ROWS_AT_ONCE = 8192


class Orphans(NamedTuple):
    """Latents of the first seed by how often they fire on rows that no SAE saw."""

    by_frequency: ByFrequency
    """Share of shared latents by decades of firings."""
    live: float
    """Share of shared latents among those that fire at all."""
    firings: float
    """Share of all firings that shared latents carry."""


def firing_orphans(base: BaseSeeds) -> Orphans:
    """Shared latents of the first seed by how often they fire on held-out rows."""
    site = replace(base.grid.base[0].site, sample=1)
    rows, first = base.zoo.get(site)[:HELD_OUT], base.saes[0]
    fired = pool(
        [firing(first.encode(part)) for part in rows.split(ROWS_AT_ONCE)]
    ).fired
    pair = base.pair
    return Orphans(
        by_frequency(pair.shared, fired, level=base.confidence),
        live=pair.share(weight=fired > 0),
        firings=pair.share(weight=fired),
    )


def in_pieces(base: BaseSeeds, *, counts: Sequence[int]) -> dict[str, list[float]]:
    """How much of a latent's direction few latents of the other seed explain.

    Mean share of the squared norm, for each of `counts` latents: of shared latents, of
    orphans, and of orphans from a null of the same covariance.
    """
    first, second = (sae.W_dec for sae in base.saes[:2])
    generator = torch.Generator().manual_seed(0)
    blank = same_covariance(base.saes[1], generator=generator).W_dec
    flags = base.pair.shared
    asked = {
        "shared": (first[flags], second),
        "orphans": (first[~flags], second),
        "orphans, from the null": (first[~flags], blank),
    }
    return {
        name: _explained(rows, atoms, counts)
        for name, (rows, atoms) in asked.items()
        if len(rows)
    }


def _explained(rows: Tensor, atoms: Tensor, counts: Sequence[int]) -> list[float]:
    found = pieces(rows, atoms, count=max(counts)).explained
    return [float(found[:, count - 1].mean()) for count in counts]
