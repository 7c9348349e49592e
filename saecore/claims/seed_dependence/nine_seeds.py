"""In how many seeds a latent appears, and how many features that makes."""

from typing import NamedTuple

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.algebra.intervals import Interval, jackknife
from saecore.measures.seeds import capture_recapture, many_seeds
from saecore.measures.seeds.shares import inside_unit


class NineSeeds(NamedTuple):
    """In how many seeds a latent appears."""

    appears: list[float]
    """Share of latents that appear in exactly 1, 2, ... seeds."""
    alone: list[float]
    """Share found in no other seed, when 1, 2, ... seeds are looked at."""
    fit: many_seeds.PowerLaw
    """The power law through `alone`."""


def found_alone(base: BaseSeeds) -> Interval:
    """Share of the latents of one seed that no other seed shares, the mean over
    seeds.

    (2501.16615, figure on nine seeds.) A jackknife that leaves out one seed at a time.
    """
    flags = base.pairs.flags()

    def once(kept: list[int]) -> float:
        return float(
            (many_seeds.appearances(flags[kept][:, kept]) == 1).double().mean()
        )

    found = jackknife(once, len(flags), level=base.confidence)
    trials = flags.shape[0] * flags.shape[2]
    return inside_unit(found, trials=trials, freedom=len(flags) - 1)


def nine_seeds(base: BaseSeeds) -> NineSeeds:
    """The histogram of appearances and the curve of latents that stay alone."""
    appears = many_seeds.histogram(many_seeds.appearances(base.pairs.flags()))
    alone = many_seeds.alone(appears)
    fit = many_seeds.power_law(alone)
    return NineSeeds(appears.tolist(), alone.tolist(), fit)


def seed_census(base: BaseSeeds) -> capture_recapture.Census:
    """How many features the seeds hold between them, and Chao's bound."""
    return capture_recapture.census(
        base.pairs.flags(), base.pairs.partners(), level=base.confidence
    )
