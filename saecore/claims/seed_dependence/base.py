"""The base setting over its seeds: what every page on seeds begins with."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from saecore.claims.seed_dependence.grid import SeedGrid
from saecore.claims.sites import members
from saecore.measures.seeds.many_seeds import SeedPairs, pairwise
from saecore.measures.seeds.matching import Matching
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.zoo.sae import SAE
from saecore.zoo.store import Zoo

Settings = Mapping[Any, Sequence[SAERecipe]]
"""The recipes of a sweep, by its setting: one recipe per seed."""


class BaseSeeds(NamedTuple):
    """SAEs of the base setting on one subject, matched seed by seed."""

    zoo: Zoo
    """Where further SAEs of the subject come from."""
    claim: Claim
    """The claim, for its constants."""
    grid: SeedGrid
    """Every recipe of the claim on this subject."""
    saes: list[SAE]
    """The base setting, one SAE per seed."""
    pairs: SeedPairs
    """Each of them matched with each other."""

    @property
    def cosine(self) -> float:
        """Cosine from which a latent is shared: a constant of the claim."""
        return self.claim.constants["cosine"]

    @property
    def confidence(self) -> float:
        """Confidence of intervals: a constant of the claim."""
        return self.claim.constants["confidence"]

    @property
    def pair(self) -> Matching:
        """The first two seeds matched."""
        return self.pairs.matchings[0, 1]


def base_seeds(zoo: Zoo, grid: SeedGrid, claim: Claim) -> BaseSeeds:
    """All seeds of a grid's base setting, each matched with each other."""
    found = zoo.get_all(grid.base)
    saes = [found[recipe] for recipe in grid.base]
    pairs = pairwise(saes, threshold=claim.constants["cosine"])
    return BaseSeeds(zoo, claim, grid, saes, pairs)


def matched(
    base: BaseSeeds, sweeps: Mapping[str, Settings]
) -> dict[str, dict[Any, SeedPairs]]:
    """All pairs of seeds matched at every setting of some sweeps.

    The base setting belongs to many sweeps; it is matched once.
    """
    distinct = {
        tuple(recipes) for sweep in sweeps.values() for recipes in sweep.values()
    }
    saes = base.zoo.get_all(members(distinct))
    found = {
        recipes: pairwise([saes[one] for one in recipes], threshold=base.cosine)
        for recipes in distinct
    }
    return {
        name: {setting: found[tuple(recipes)] for setting, recipes in sweep.items()}
        for name, sweep in sweeps.items()
    }
