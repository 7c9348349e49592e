"""The world of features: what there is to be found, and whether its rows obey it."""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims import sites
from saecore.measures.dictionary import geometry
from saecore.profiles import Profile, WorldProfile
from saecore.source.worlds import rows as worlds
from saecore.source.worlds.features import Features
from saecore.zoo.store import Zoo

DRAWN, READ = 50_000, 65_536
"""Rows whose firings are counted, and rows whose variance is taken."""


class WorldFacts(NamedTuple):
    """What is true of the world, and what its rows show."""

    truth: Features
    fires: Float[Tensor, " feature"]
    """Share of `DRAWN` rows in which each feature fires."""
    active: float
    """Features that fire in a row, on average."""
    overlap: float
    """Median over the features of the largest |cosine| with another."""
    ratio: float
    """Participation ratio of the rows."""
    d_model: int


def world_facts(zoo: Zoo, profile: Profile) -> WorldFacts:
    """Count firings in drawn rows, and measure how crowded the world's space is."""
    world = worlds.World(seed=profile.world_seed)
    truth = worlds.truth(world)
    rows = zoo.get(sites.world_site(profile, WorldProfile()))
    drawn = worlds.world_latents(world, DRAWN)
    counts = torch.bincount(drawn.indices()[1], minlength=len(truth.probability))
    fires = counts / DRAWN
    cosines = truth.directions @ truth.directions.T - torch.eye(len(truth.directions))
    return WorldFacts(
        truth=truth,
        fires=fires,
        active=float(fires.sum()),
        overlap=float(cosines.abs().max(1).values.median()),
        ratio=geometry.participation_ratio(rows[:READ]),
        d_model=world.d_model,
    )


def kinds_of_features(truth: Features) -> list[dict[str, Any]]:
    """A row per kind of feature: how many there are, the rarest and the commonest."""
    rows = []
    for kind in dict.fromkeys(truth.kind):
        rates = truth.probability[truth.of_kind(kind)]
        row: dict[str, Any] = {"kind": kind, "features": len(rates)}
        ends = {"rarest": float(rates.min()), "commonest": float(rates.max())}
        rows.append(row | ends)
    return rows
