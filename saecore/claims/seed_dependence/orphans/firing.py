"""How often orphans fire: the share of shared latents by rate, over all seeds."""

from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.algebra.intervals import Interval, share_over_seeds
from saecore.measures.dictionary.encoded import Encoded, encoded
from saecore.measures.seeds.matching import weighted_share
from saecore.shapes import Rows

HELD_OUT = 32_768
"""Rows on which firings are counted; no SAE was trained on them."""
RATE_GROUPS = 10
"""Groups of latents of about the same size, from the rarest to the most frequent."""


class OnHeldOutRows(NamedTuple):
    """All seeds of the base setting encoded on rows that none was trained on."""

    base: BaseSeeds
    """The seeds."""
    rows: Rows
    """The rows."""
    encoded: list[Encoded]
    """Each seed on them."""

    def shared(self, seed: int) -> Tensor:
        """Which latents of a seed are shared with the next one."""
        return self.base.pairs.matchings[seed, self.next(seed)].shared

    def next(self, seed: int) -> int:
        """The seed that a seed is compared with: the next one, of the last the
        first.
        """
        return (seed + 1) % len(self.encoded)


class ByRate(NamedTuple):
    """Latents of all seeds by how often they fire; each field by group."""

    fires_from: Float[Tensor, "group"]
    """Share of the rows on which the rarest of the group fires."""
    shared: list[Interval]
    """Share of the other seeds that share a latent, the mean over the group."""
    nowhere: list[Interval]
    """Share of the group found in no other seed."""
    firings: Float[Tensor, "group"]
    """Share of all firings that the group carries."""


class Weighted(NamedTuple):
    """The share of shared latents, latents weighted in other ways."""

    live: Interval
    """Among latents that fire at all."""
    firings: Interval
    """Of all firings, those of shared latents."""


def on_held_out_rows(base: BaseSeeds) -> OnHeldOutRows:
    """Every seed of the base setting on held-out rows of its site."""
    site = replace(base.grid.base[0].site, sample=1)
    rows = base.zoo.get(site)[:HELD_OUT].clone()
    return OnHeldOutRows(base, rows, [encoded(sae, rows) for sae in base.saes])


def by_rate(held: OnHeldOutRows) -> ByRate:
    """Share of shared latents by how often they fire (2501.16615, post Fig 3).

    Latents of all seeds in `RATE_GROUPS` groups of equal size by their rate, ties in
    the order of the latents; latents that never fire are in the first. Intervals are
    over seeds.
    """
    fired = torch.stack([one.fired for one in held.encoded])
    group = _groups(fired)
    flags = held.base.pairs.flags().double()
    others = len(fired) - 1
    found = (flags.sum(1) - 1) / others
    level = held.base.confidence
    rates = fired.double() / len(held.rows)
    return ByRate(
        torch.stack([rates[group == b].min() for b in range(RATE_GROUPS)]),
        _per_group(found, group, level),
        _per_group((found == 0).double(), group, level),
        torch.stack([fired[group == b].sum() for b in range(RATE_GROUPS)])
        / fired.sum(),
    )


def weighted(held: OnHeldOutRows) -> Weighted:
    """The share of two seeds among live latents, and of all firings."""
    shares: dict[str, list[float]] = {"live": [], "firings": []}
    for seed, one in enumerate(held.encoded):
        flags = held.shared(seed)
        shares["live"].append(weighted_share(flags, one.fired > 0))
        shares["firings"].append(weighted_share(flags, one.fired))
    level = held.base.confidence
    return Weighted(
        *(share_over_seeds(shares[name], level=level) for name in Weighted._fields)
    )


def _groups(fired: Int[Tensor, "seed latent"]) -> Int[Tensor, "seed latent"]:
    """The group of each latent, by its place among the latents of all seeds."""
    place = fired.flatten().argsort(stable=True).argsort()
    return (place * RATE_GROUPS // len(place)).view_as(fired)


def _per_group(
    values: Float[Tensor, "seed latent"], group: Tensor, level: float
) -> list[Interval]:
    intervals = []
    for number in range(RATE_GROUPS):
        inside = group == number
        trials = inside.sum(1).double()
        means = (values * inside).sum(1) / trials
        kept = trials > 0
        intervals.append(
            share_over_seeds(
                means[kept].tolist(), trials=trials[kept].tolist(), level=level
            )
        )
    return intervals
