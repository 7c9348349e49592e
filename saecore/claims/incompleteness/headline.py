"""The claim's headline: do latents of a wider SAE lower the error of a narrow one, more
of them than latents of an equally wide one?

Leask et al. (2502.04878), section 4; the rule is in book/claims.toml.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from saecore.claims.incompleteness import between_seeds as numbers_of
from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
from saecore.claims.incompleteness.held_out import HeldOut, on_model, on_world
from saecore.claims.sites import members
from saecore.measures.algebra.intervals import Interval
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.profiles import Profile, WorldProfile
from saecore.report import Claim
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
    intervals: dict[str, dict[str, Interval]]
    """For "model" and "world": the numbers of the rule, with intervals over seeds."""
    drawn: Tensor
    """State of the generator after the model's null: later sections go on from it."""

    @property
    def numbers(self) -> dict[str, dict[str, tuple[float, float, float]]]:
        """For "model" and "world": what `Claim.judge` decides by."""
        return {
            subject: {name: point.triple for name, point in found.items()}
            for subject, found in self.intervals.items()
        }

    def generator(self) -> Generator:
        """A generator that goes on where the model's null has ended."""
        generator = Generator()
        generator.set_state(self.drawn)
        return generator


def study(
    zoo: Zoo,
    profile: Profile,
    claim: Claim | None = None,
    *,
    sizes: WorldProfile | None = None,
) -> Study:
    """The headline on the profile's language model and on the world of features.

    `claim` is that of book/claims.toml unless given, `sizes` those of the world's
    default run. Nothing is shown. Raises what `Zoo.get_all` raises.
    """
    claim, sizes = claim or Claim.read("incompleteness"), sizes or WorldProfile()
    grids = stitching_grid(profile), world_stitching_grid(profile, sizes)
    saes = zoo.get_all(members(grids))
    model = on_model(zoo, profile, claim.constants, saes)
    world = on_world(zoo, profile, sizes, claim.constants, saes)
    generator = torch.Generator().manual_seed(STRANGERS_SEED)
    of_model = judged_by(model, generator=generator)
    state = generator.get_state()
    of_world = judged_by(world, generator=torch.Generator().manual_seed(STRANGERS_SEED))
    return Study(claim, model, world, {"model": of_model, "world": of_world}, state)


def judged_by(held: HeldOut, *, generator: Generator) -> dict[str, Interval]:
    """The numbers of the rule on one subject: means over all pairs of seeds."""
    (kind, u, v), rule, x = held.base, held.rule, held.x
    narrow, wide = held.seeds(kind, u), held.seeds(kind, v)
    cosine = rule["cosine"]
    asked: dict[str, tuple[Sequence[Encoded], Measure]] = {
        "novel": (wide, lambda a, b: novel_in(held, a, b)),
        "novel_control": (narrow, lambda a, b: novel_in(held, a, b)),
        "auc": (
            wide,
            lambda a, b: numbers_of.sign_auc(a, b, x, max_cosine(a, b)),
        ),
        "auc_null": (
            wide,
            lambda a, b: numbers_of.stranger_auc(a, b, x, generator=generator),
        ),
        "all_novel": (
            wide,
            lambda a, b: numbers_of.all_novel(a, b, x, threshold=cosine),
        ),
        "swap_l0": (wide, lambda a, b: numbers_of.swap_l0(a, b, threshold=cosine)),
    }
    return {
        name: over_seeds_of(held, narrow, larger, measure)
        for name, (larger, measure) in asked.items()
    }


def novel_in(held: HeldOut, small: Encoded, large: Encoded) -> float:
    """Share of the latents of `large` that surely lower the error of `small`."""
    rule = held.rule
    return numbers_of.novel_share(
        small,
        large,
        held.x,
        together=held.together,
        fdr=rule["false_discovery_rate"],
        least=rule["least_firings"],
    )


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
