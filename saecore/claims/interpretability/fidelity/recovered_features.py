"""Against the truth of worlds: do SAEs find the features that made the data?"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.grid import (
    TOY_KS,
    TOY_WIDTHS,
    recovery_grid,
    toy_world,
)
from saecore.claims.seed_dependence.grid import world_seeds
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.dictionary.fidelity import Recovery, mmcs, recovery
from saecore.profiles import Profile, WorldProfile
from saecore.report import mean
from saecore.report.figures import NAMES
from saecore.source.worlds.features import Features, World, truth
from saecore.zoo.store import Zoo

OWN = 0.9
"""Cosine from which a latent is a feature's own."""


class OfToys(NamedTuple):
    """Recovery of the features of one toy world by ReLU SAEs of one width."""

    world: str
    """Whether features are independent or correlated."""
    width: int
    """Number of latents."""
    recovered: dict[int, Recovery]
    """By the L0 that the SAE aims at."""
    by_chance: float
    """MMCS of as many random directions."""

    def row(self) -> dict[str, str | float]:
        """As a row of a table."""
        return {
            "features": self.world,
            "width": self.width,
            **{f"MMCS, L0 {k}": one.of_features for k, one in self.recovered.items()},
            "random": self.by_chance,
            **{f"own latent, L0 {k}": one.share for k, one in self.recovered.items()},
        }


class OfWorld(NamedTuple):
    """Recovery of the features of the world by one kind of dictionary."""

    mmcs: float
    """Mean over features of the largest cosine with a latent, over seeds."""
    own: Interval | float
    """Share of the features with a latent of their own; an interval over seeds."""


def recovery_in_toys(zoo: Zoo, profile: Profile) -> list[OfToys]:
    """MMCS, and the share of features with a latent of their own, in toy worlds with
    independent and with correlated features (Cunningham et al. 2309.08600, appendix;
    `replicate_toy_models.py`).
    """
    grid = recovery_grid(profile)
    saes, found = zoo.get_all(grid.recipes()), []
    for name, cells in (
        ("independent", grid.independent),
        ("correlated", grid.correlated),
    ):
        features = toy_truth(profile, correlated=name == "correlated").directions
        for width in TOY_WIDTHS:
            recovered = {
                k: recovery(saes[cells[width, k]], features, threshold=OWN)
                for k in TOY_KS
            }
            chance = random_mmcs(features, width, seed=width)
            found.append(OfToys(name, width, recovered, chance))
    return found


def recovery_in_world(
    zoo: Zoo, profile: Profile, *, level: float
) -> dict[str, OfWorld]:
    """MMCS and own latents in the world of features, with its hierarchies: SAEs by
    architecture over seeds, principal and independent components, random directions.
    """
    sizes = WorldProfile()
    features = truth(World(seed=profile.world_seed)).directions
    found = {}
    for kind, recipes in world_seeds(profile, sizes).architectures.items():
        saes = zoo.get_all(recipes)
        several = [recovery(saes[one], features, threshold=OWN) for one in recipes]
        found[NAMES[kind]] = OfWorld(
            mean(one.of_features for one in several),
            over_seeds([one.share for one in several], level=level),
        )
    for name, recipe in bases(profile, sizes).world.items():
        one = recovery(zoo.get(recipe), features, threshold=OWN)
        found[name] = OfWorld(one.of_features, one.share)
    chance = random_mmcs(features, sizes.width, seed=0)
    return found | {"random directions": OfWorld(chance, 0.0)}


def toy_truth(profile: Profile, *, correlated: bool = False) -> Features:
    """The features of a toy world: their directions, and how often they are active."""
    return truth(toy_world(correlated=correlated, seed=profile.world_seed))


def random_mmcs(
    features: Float[Tensor, "feature d_model"], number: int, *, seed: int
) -> float:
    """MMCS of random directions with the features: what chance gives."""
    draw = torch.Generator().manual_seed(seed)
    directions = torch.randn(number, features.shape[1], generator=draw)
    return mmcs(features, directions).forward
