"""What dictionaries share that know nothing of each other: the nulls of the claim."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Generator

from saecore.claims.seed_dependence.base import BaseSeeds, Settings
from saecore.measures.dictionary.nulls import KINDS, Weights, same_covariance
from saecore.measures.seeds.chance import shares
from saecore.measures.seeds.many_seeds import pairwise
from saecore.measures.seeds.matching import Matching, shared
from saecore.recipes.sae import SAERecipe
from saecore.report.ranged import mean

_SEED = 20250116
NULL_DRAWS = 5
UNTRAINED = 3
"""How many SAEs before training are matched with each other."""


class SharedByChance(NamedTuple):
    """Shares between dictionaries that know nothing of each other."""

    strangers: Matching
    """The first seed matched with latents of the covariance of the second."""
    kinds: dict[str, list[float]]
    """By kind of null: the share in each draw, or for each pair of untrained SAEs."""

    @property
    def largest(self) -> tuple[float, float, float]:
        """Mean, smallest and largest share of the kind whose mean is the largest."""
        values = max(self.kinds.values(), key=mean)
        return mean(values), min(values), max(values)


class OtherNulls(NamedTuple):
    """Every null of the base setting, and a foil that is none."""

    chance: SharedByChance
    """The nulls of the claim."""
    data_rows: float
    """Share between two samples of the activations themselves, taken as latents."""
    matchings: dict[str, Matching]
    """The first seed matched with one more draw of every null; two untrained SAEs."""


def null_generator() -> Generator:
    """Where the nulls of the base setting are drawn from."""
    return torch.Generator().manual_seed(_SEED)


def shared_by_chance(base: BaseSeeds, *, generator: Generator) -> SharedByChance:
    """What the first two seeds would share if they knew nothing of each other.

    Gaussian directions, the second dictionary rotated, mirrored along its principal
    axes, and Gaussian latents of its covariance, five draws each; and SAEs before
    training.
    """
    first, second = base.saes[:2]
    blank = same_covariance(second, generator=generator)
    strangers = shared(first, blank, threshold=base.cosine)
    draws = [
        shares(first, second, generator=generator, threshold=base.cosine)
        for _ in range(NULL_DRAWS)
    ]
    kinds = {name: [draw[name] for draw in draws] for name in KINDS}
    fresh = [base.zoo.untrained(one) for one in base.grid.base[:UNTRAINED]]
    pairs = pairwise(fresh, threshold=base.cosine).matchings
    kinds["untrained SAEs"] = [pairs[place].share() for place in sorted(pairs)]
    return SharedByChance(strangers, kinds)


def other_nulls(base: BaseSeeds) -> OtherNulls:
    """The nulls of the claim kind by kind, rows of the data, and nulls latent by
    latent.
    """
    generator = null_generator()
    chance = shared_by_chance(base, generator=generator)
    foil = _data_rows(base, generator)
    first, second = base.saes[:2]
    made = {name: make(second, generator=generator) for name, make in KINDS.items()}
    found = {
        n: shared(first, blank, threshold=base.cosine) for n, blank in made.items()
    }
    fresh = [base.zoo.untrained(one) for one in base.grid.base[:2]]
    found["untrained SAEs"] = shared(*fresh, threshold=base.cosine)
    return OtherNulls(chance, foil, found)


def largest_nulls(
    base: BaseSeeds, sweeps: Mapping[str, Settings]
) -> dict[str, dict[Any, float]]:
    """The largest share by chance at every setting of some sweeps, one draw each."""
    distinct = {
        tuple(recipes) for sweep in sweeps.values() for recipes in sweep.values()
    }
    found = {recipes: _largest_null(base, recipes) for recipes in distinct}
    return {
        name: {setting: found[tuple(recipes)] for setting, recipes in sweep.items()}
        for name, sweep in sweeps.items()
    }


def _largest_null(base: BaseSeeds, recipes: Sequence[SAERecipe]) -> float:
    """Untrained SAEs have seen no rows, so those of the base site stand for all."""
    saes, site = base.zoo.get_all(recipes[:2]), base.grid.base[0].site
    generator = torch.Generator().manual_seed(1)
    first, second = (saes[one] for one in recipes[:2])
    known = shares(first, second, generator=generator, threshold=base.cosine)
    fresh = [base.zoo.untrained(replace(one, site=site)) for one in recipes[:2]]
    return max(*known.values(), shared(*fresh, threshold=base.cosine).share())


def _data_rows(base: BaseSeeds, generator: Generator) -> float:
    """Two samples of the training rows, centred, as dictionaries of the base width."""
    recipe = base.grid.base[0]
    data = base.zoo.split(recipe.site).train
    size = (recipe.width,)
    picked = [data[torch.randint(len(data), size, generator=generator)] for _ in "ab"]
    rows = [sample - data.mean(0) for sample in picked]
    samples = [Weights(one.T, one) for one in rows]
    return shared(*samples, threshold=base.cosine).share()
