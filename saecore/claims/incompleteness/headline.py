"""The claim's headline: do latents of a wider SAE lower the error of a narrow one, more
of them than latents of an equally wide one?

Leask et al. (2502.04878), section 4; the rule is in book/claims.toml.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Generator

from saecore.claims.incompleteness import between_seeds as numbers_of
from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
from saecore.claims.incompleteness.held_out import HeldOut, on_model, on_world
from saecore.claims.incompleteness.verdict_numbers import verdict_numbers
from saecore.claims.sites import members
from saecore.measures.algebra.intervals import Interval
from saecore.measures.dictionary.encoded import Encoded
from saecore.profiles import Profile, WorldProfile
from saecore.report import Claim
from saecore.source.worlds.features import Features, World, truth
from saecore.zoo.store import Zoo

STRANGERS_SEED = 20250207
"""Of the generator that draws the strangers of the null."""
Measure = Callable[[Encoded, Encoded], float]


class Study(NamedTuple):
    """The claim with its subjects, and the numbers that judge it."""

    claim: Claim
    """The claim and its rule."""
    model: HeldOut
    """The SAEs of the language model."""
    world: HeldOut
    """Those of the world of features."""
    known: Features
    """The truth of the world."""
    intervals: dict[str, dict[str, Interval]]
    """For "model" and "world": the numbers of the rule, with intervals over seeds and
    rows; those on the truth of the world alone."""

    @property
    def numbers(self) -> dict[str, dict[str, tuple[float, float, float] | None]]:
        """For "model" and "world": what `Claim.judge` decides by; None where there is
        no truth to compare with.
        """
        found = {}
        for subject, points in self.intervals.items():
            triples = {name: point.triple for name, point in points.items()}
            found[subject] = dict.fromkeys(self.claim.needs()) | triples
        return found


def study(
    zoo: Zoo,
    profile: Profile,
    claim: Claim | None = None,
    *,
    sizes: WorldProfile | None = None,
    known: Features | None = None,
) -> Study:
    """The headline on the profile's language model and on the world of features.

    `claim` is that of book/claims.toml unless given, `sizes` those of the world's
    default run, and `known` the truth of the profile's world. Nothing is shown. Raises
    what `Zoo.get_all` raises.
    """
    claim, sizes = claim or Claim.read("incompleteness"), sizes or WorldProfile()
    known = known or truth(World(seed=profile.world_seed))
    grids = stitching_grid(profile), world_stitching_grid(profile, sizes)
    saes = zoo.get_all(members(grids))
    model = on_model(zoo, profile, claim.constants, saes)
    world = on_world(zoo, profile, sizes, claim.constants, saes)
    intervals = {
        "model": verdict_numbers(model, generator=_drawn()),
        "world": verdict_numbers(world, generator=_drawn(), known=known),
    }
    return Study(claim, model, world, known, intervals)


def _drawn() -> Generator:
    return torch.Generator().manual_seed(STRANGERS_SEED)


def over_seeds_of(
    held: HeldOut,
    smaller: Sequence[Encoded],
    larger: Sequence[Encoded],
    measure: Measure,
) -> Interval:
    """The mean of `measure` over pairs that do not share their seed, at the rule's
    confidence.
    """
    return numbers_of.interval(smaller, larger, measure, level=held.rule["confidence"])
