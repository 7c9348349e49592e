"""The headline of the claim on seeds: by these numbers it is judged, on both
subjects.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from jaxtyping import Float
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds, Settings, base_seeds, matched
from saecore.claims.seed_dependence.chance import (
    SharedByChance,
    null_generator,
    shared_by_chance,
)
from saecore.claims.seed_dependence.grid import SeedGrid, model_seeds, world_seeds
from saecore.claims.seed_dependence.nine_seeds import found_alone
from saecore.measures.algebra.intervals import Interval, difference, over_pairs
from saecore.measures.seeds.many_seeds import SeedPairs
from saecore.measures.seeds.matching import Definition
from saecore.profiles import Profile, WorldProfile
from saecore.report import Claim
from saecore.zoo.store import Zoo

Numbers = dict[str, tuple[float, float, float]]


class SubjectShares(NamedTuple):
    """What the claim says of seeds, measured on one subject."""

    base: BaseSeeds
    """The base setting over all its seeds."""
    shared: Interval
    """Share of latents that two seeds share, over pairs of seeds."""
    chance: SharedByChance
    """The same between dictionaries that know nothing of each other."""
    alone: Interval
    """Share of latents found in one seed only."""
    sweeps: dict[str, dict[Any, SeedPairs]]
    """By sweep ("width", "k", "rows in training", "architecture") and setting."""
    differences: dict[str, Interval]
    """By sweep: largest setting minus smallest; ReLU minus TopK."""

    def share(
        self, sweep: str, setting: Any, definition: Definition = "same partner"
    ) -> Interval:
        """Share of latents that two seeds share at one setting of a sweep."""
        table = _table(self.sweeps[sweep][setting], definition)
        return over_pairs(table, level=self.base.confidence)

    def numbers(self) -> Numbers:
        """The numbers of the claim's rule, by their names in claims.toml."""
        return {
            "shared": self.shared.triple,
            "shared_null": self.chance.largest,
            "alone": self.alone.triple,
            "width_difference": self.differences["width"].triple,
            "k_difference": self.differences["k"].triple,
            "length_difference": self.differences["rows in training"].triple,
            "architecture_difference": self.differences["architecture"].triple,
        }


class Study(NamedTuple):
    """The claim on seeds, on the language model and on the world of features."""

    claim: Claim
    """The rule, whose constants it has read."""
    model: SubjectShares
    """On the language model, as in the paper."""
    world: SubjectShares
    """On the world of features, whose truth is known."""
    numbers: dict[str, Numbers]
    """By subject ("model", "world"): what `Claim.conclude` asks for."""


def study(
    zoo: Zoo,
    profile: Profile,
    claim: Claim | None = None,
    *,
    sizes: WorldProfile | None = None,
) -> Study:
    """Do SAEs that differ only in their seed find different features?

    (2501.16615, abstract.) Trains what the zoo lacks. `sizes` are those of the runs on
    the world of features. Raises MissedSparsity if an SAE cannot be made as sparse as
    its recipe asks.
    """
    claim = claim or Claim.read("seed_dependence")
    grids = {
        "model": model_seeds(profile),
        "world": world_seeds(profile, sizes or WorldProfile()),
    }
    found = {name: on_subject(zoo, grid, claim) for name, grid in grids.items()}
    numbers = {name: subject.numbers() for name, subject in found.items()}
    return Study(claim, found["model"], found["world"], numbers)


def on_subject(zoo: Zoo, grid: SeedGrid, claim: Claim) -> SubjectShares:
    """The headline on the subject of a grid."""
    base = base_seeds(zoo, grid, claim)
    sweeps = matched(base, claimed_sweeps(grid))
    whole = _table(base.pairs)
    return SubjectShares(
        base=base,
        shared=over_pairs(whole, level=base.confidence),
        chance=shared_by_chance(base, generator=null_generator()),
        alone=found_alone(base),
        sweeps=sweeps,
        differences=_differences(sweeps, level=base.confidence),
    )


def claimed_sweeps(grid: SeedGrid) -> dict[str, Settings]:
    """The sweeps of which the claim says how the share moves."""
    return {
        "width": grid.widths["topk"],
        "k": grid.ks,
        "rows in training": grid.lengths,
        "architecture": grid.architectures,
    }


def _differences(
    sweeps: Mapping[str, Mapping[Any, SeedPairs]], *, level: float
) -> dict[str, Interval]:
    ends = {name: (max(sweep), min(sweep)) for name, sweep in sweeps.items()}
    ends["architecture"] = ("relu", "topk")
    return {
        name: difference(*(_table(sweeps[name][end]) for end in two), level=level)
        for name, two in ends.items()
    }


def _table(
    pairs: SeedPairs, definition: Definition = "same partner"
) -> Float[Tensor, "seed seed"]:
    return pairs.table(lambda matching: matching.share(definition))
