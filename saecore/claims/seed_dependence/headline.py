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
from saecore.claims.seed_dependence.equal_error import (
    AtSetting,
    EqualError,
    at_equal_error,
)
from saecore.claims.seed_dependence.grid import SeedGrid, model_seeds, world_seeds
from saecore.claims.seed_dependence.nine_seeds import found_alone
from saecore.claims.sites import members
from saecore.measures.algebra.intervals import Interval, difference
from saecore.measures.seeds.many_seeds import SeedPairs
from saecore.measures.seeds.matching import Definition
from saecore.profiles import Profile, WorldProfile
from saecore.report import Claim
from saecore.zoo.store import Zoo

Numbers = dict[str, tuple[float, float, float] | None]


class SubjectShares(NamedTuple):
    """What the claim says of seeds, measured on one subject."""

    base: BaseSeeds
    """The base setting over all its seeds."""
    shared: Interval
    """Share of latents that two seeds share, over pairs of seeds."""
    chance: SharedByChance
    """The same between dictionaries that know nothing of each other."""
    excess: Interval
    """The share minus that of the strongest kind of chance, a seed at a time."""
    alone: Interval
    """Share of latents found in one seed only."""
    sweeps: dict[str, dict[Any, SeedPairs]]
    """By sweep ("ends", "width", "k", "rows in training", "architecture") and
    setting."""
    fvu: dict[str, dict[Any, list[float]]]
    """Likewise, the fraction of variance unexplained of every seed."""
    differences: dict[str, Interval]
    """Between the ends of a sweep: largest setting minus smallest; ReLU, and Gated,
    minus TopK by their decoders."""
    equal_error: dict[str, EqualError | None]
    """ReLU minus TopK with as large an error, by their decoders; TopK by "k" or by
    "rows in training"."""

    def share(
        self, sweep: str, setting: Any, definition: Definition = "same partner"
    ) -> Interval:
        """Share of latents that two seeds share at one setting of a sweep."""
        return self.sweeps[sweep][setting].share(definition, level=self.base.confidence)

    def numbers(self) -> Numbers:
        """The numbers of the claim's rule, by their names in claims.toml."""
        equal = self.equal_error["k"]
        return {
            "shared": self.shared.triple,
            "shared_null": self.chance.largest.triple,
            "shared_excess": self.excess.triple,
            "shared_relu": self.share("architecture", "relu").triple,
            "alone": self.alone.triple,
            "width_difference": self.differences["ends"].triple,
            "k_difference": self.differences["k"].triple,
            "length_difference": self.differences["rows in training"].triple,
            "architecture_difference": self.differences["relu"].triple,
            "gated_difference": self.differences["gated"].triple,
            "error_difference": equal.difference.triple if equal else None,
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
    fvu = _errors(base)
    chance = shared_by_chance(base, generator=null_generator())
    return SubjectShares(
        base=base,
        shared=base.pairs.share(level=base.confidence),
        chance=chance,
        excess=excess_of(base, chance),
        alone=found_alone(base),
        sweeps=sweeps,
        fvu=fvu,
        differences=_differences(sweeps, level=base.confidence),
        equal_error=_equal_error(sweeps, fvu, level=base.confidence),
    )


def excess_of(base: BaseSeeds, chance: SharedByChance) -> Interval:
    """The share of the seeds minus that of the strongest null, a seed at a time."""
    null = chance.tables[chance.strongest]
    return difference(_table(base.pairs), null, level=base.confidence)


def claimed_sweeps(grid: SeedGrid) -> dict[str, Settings]:
    """The sweeps of which the claim says how the share moves."""
    return {
        "ends": grid.ends,
        "width": grid.widths["topk"],
        "k": grid.ks,
        "rows in training": grid.lengths,
        "architecture": grid.architectures,
    }


def _errors(base: BaseSeeds) -> dict[str, dict[Any, list[float]]]:
    sweeps = claimed_sweeps(base.grid)
    saes = base.zoo.get_all(members(sweeps))
    return {
        name: {
            setting: [saes[one].log["fvu"] for one in recipes]
            for setting, recipes in sweep.items()
        }
        for name, sweep in sweeps.items()
    }


def _differences(
    sweeps: Mapping[str, Mapping[Any, SeedPairs]], *, level: float
) -> dict[str, Interval]:
    trends = {
        name: difference(
            _table(sweeps[name][max(sweeps[name])]),
            _table(sweeps[name][min(sweeps[name])]),
            level=level,
        )
        for name in ("ends", "width", "k", "rows in training")
    }
    by = {kind: _table(p, "decoder") for kind, p in sweeps["architecture"].items()}
    kinds = {
        kind: difference(by[kind], by["topk"], level=level)
        for kind in ("relu", "gated")
    }
    return trends | kinds


def _equal_error(
    sweeps: Mapping[str, Mapping[Any, SeedPairs]],
    fvu: Mapping[str, Mapping[Any, list[float]]],
    *,
    level: float,
) -> dict[str, EqualError | None]:
    def at(sweep: str, setting: Any) -> AtSetting:
        table = _table(sweeps[sweep][setting], "decoder")
        return AtSetting(table, fvu[sweep][setting])

    return {
        sweep: at_equal_error(
            at("architecture", "relu"),
            {setting: at(sweep, setting) for setting in sweeps[sweep]},
            level=level,
        )
        for sweep in ("k", "rows in training")
    }


def _table(
    pairs: SeedPairs, definition: Definition = "same partner"
) -> Float[Tensor, "seed seed"]:
    return pairs.table(lambda matching: matching.share(definition))
