"""Trained nulls: what SAEs share that were trained where there are no features of the
language model.

SAEs of Gaussian rows know the covariance of the activations and nothing else; SAEs of
an untrained language model know the tokens and the architecture. Neither is a null of
the claim: they say what a share may rest on.
"""

from typing import NamedTuple

from saecore.claims.interpretability.grid import untrained_saes
from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.algebra.intervals import Interval, share_over_seeds
from saecore.measures.seeds.many_seeds import pairwise
from saecore.measures.seeds.matching import shared
from saecore.profiles import Profile
from saecore.recipes.sae import SAERecipe


class TrainedNull(NamedTuple):
    """SAEs trained elsewhere, over seeds."""

    two_seeds: Interval
    """What two of them share."""
    with_base: Interval
    """What an SAE of the base setting shares with one of them."""
    fvu: float
    """Fraction of variance unexplained on their own rows, the mean over seeds."""


def trained_nulls(base: BaseSeeds, profile: Profile) -> dict[str, TrainedNull]:
    """The base setting trained on Gaussian rows of the site's covariance, and on an
    untrained language model that reads the same text.
    """
    asked = {
        "Gaussian rows": base.grid.gaussian,
        "untrained language model": untrained_saes(profile, base.zoo),
    }
    return {name: _null(base, recipes) for name, recipes in asked.items()}


def _null(base: BaseSeeds, recipes: list[SAERecipe]) -> TrainedNull:
    found = base.zoo.get_all(recipes)
    saes = [found[recipe] for recipe in recipes]
    with_base = [
        shared(one, other, threshold=base.cosine).share()
        for one, other in zip(base.saes, saes, strict=False)
    ]
    level, width = base.confidence, len(base.saes[0].W_dec)
    return TrainedNull(
        pairwise(saes, threshold=base.cosine).share(level=level),
        share_over_seeds(with_base, trials=[width] * len(saes), level=level),
        sum(sae.log["fvu"] for sae in saes) / len(saes),
    )
