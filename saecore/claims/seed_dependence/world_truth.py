"""Are the latents that two seeds share the true ones? Asked of the world of
features.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.algebra.intervals import Interval, over_pairs, share_over_seeds
from saecore.measures.dictionary.recovery import against_truth
from saecore.measures.seeds.many_seeds import SeedPairs, pairwise
from saecore.measures.seeds.shares import share_over_pairs
from saecore.recipes.sae import SAERecipe
from saecore.report.figures import NAMES
from saecore.shapes import Dictionary
from saecore.source.worlds.features import Features, World, truth

KINDS = ("neither", "own direction", "composite")
"""What a latent is: 0, 1, 2."""


class HeldFeatures(NamedTuple):
    """What one dictionary holds of the world."""

    latent: Int[Tensor, "latent"]
    """Kind of each latent: a feature by its own direction, a feature with what it
    brings along, or neither.
    """
    feature: Int[Tensor, "feature"]
    """In which of these ways each feature is held."""


class SharedTruth(NamedTuple):
    """The seeds of one setting beside the features of the world; intervals over
    seeds.
    """

    recovered: dict[str, Interval]
    """Share of the features held by their "own direction", and "either" way."""
    shared_are: dict[str, Interval]
    """By kind: share of the shared latents that are of it."""
    orphans_are: dict[str, Interval]
    """The same of the orphans."""
    shared_if: dict[str, Interval]
    """By kind: share of its latents that the other seed shares."""
    both_composite: Interval
    """Of the features that one seed holds as a composite, the share that another seed
    holds so too."""
    by_chance: Interval
    """The same if seeds chose among the features without knowing of each other."""
    agreement: Interval
    """The former minus the latter, pair by pair."""


def world_features(base: BaseSeeds) -> Features:
    """Everything that is true of the world of a grid. Raises ValueError if its rows
    come from elsewhere.
    """
    source = base.grid.base[0].site.source
    if not isinstance(source, World):
        raise ValueError(
            f"only a world of features knows its features, got rows of {source}: give "
            "the base setting of the world"
        )
    return truth(source)


def bringing(features: Features) -> Bool[Tensor, "feature"]:
    """Features that never fire alone: children and entities."""
    apart = (features.composites() * features.directions).sum(1)
    return apart < 1 - 1e-6


def held(sae: Dictionary, features: Features, *, true_from: float) -> HeldFeatures:
    """Feature recovery in two ways: one-to-one matching, at a cosine of at least
    `true_from`, with the features' own directions, and with their composites.

    A composite is the direction of a feature plus those that it always brings along:
    what a latent becomes when it absorbs them (2409.14507). A latent that is both is
    its own direction's; features that bring nothing along have no composite.
    """
    own = against_truth(sae, features.directions, threshold=true_from)
    whole = against_truth(sae, features.composites(), threshold=true_from)
    brings = bringing(features)
    partner = whole.assignment.partner
    composite = whole.is_feature & brings[partner.clamp(min=0)]
    latent = torch.where(composite, 2, 0)
    latent[own.is_feature | (whole.is_feature & ~composite)] = 1
    feature = torch.where(whole.recovered & brings, 2, 0)
    feature[own.recovered | (whole.recovered & ~brings)] = 1
    return HeldFeatures(latent, feature)


def truth_of_setting(
    base: BaseSeeds, recipes: Sequence[SAERecipe], *, true_from: float
) -> SharedTruth:
    """Sharing as a sign of truth, over all pairs of the seeds of a setting."""
    features, saes = world_features(base), base.zoo.get_all(recipes)
    seeds = [saes[recipe] for recipe in recipes]
    pairs = pairwise(seeds, threshold=base.cosine)
    found = [held(sae, features, true_from=true_from) for sae in seeds]
    level = base.confidence

    def given(what: _Asked, condition: _Asked) -> Interval:
        return _given(pairs, what, condition, level)

    kinds = {
        name: lambda s, _, number=number: found[s].latent == number
        for number, name in enumerate(KINDS)
    }

    def shared(s: int, t: int) -> Tensor:
        return pairs.matchings[s, t].shared

    def orphan(s: int, t: int) -> Tensor:
        return ~pairs.matchings[s, t].shared

    return SharedTruth(
        recovered=_recovered(found, level),
        shared_are={name: given(kind, shared) for name, kind in kinds.items()},
        orphans_are={name: given(kind, orphan) for name, kind in kinds.items()},
        shared_if={name: given(shared, kind) for name, kind in kinds.items()},
        **_agreement(found, bringing(features), level),
    )


def truth_by_setting(base: BaseSeeds, *, true_from: float) -> dict[str, SharedTruth]:
    """`truth_of_setting` for TopK at every width, and for the other architectures; all
    seeds where the grid has them.
    """
    grid = base.grid
    asked = {
        f"TopK, width {width}": grid.ends.get(width, recipes)
        for width, recipes in grid.widths["topk"].items()
    }
    others = {kind: rs for kind, rs in grid.architectures.items() if kind != "topk"}
    asked |= {NAMES[kind]: recipes for kind, recipes in others.items()}
    return {
        name: truth_of_setting(base, recipes, true_from=true_from)
        for name, recipes in asked.items()
    }


def truth_row(found: SharedTruth) -> dict[str, Any]:
    """Its numbers as columns of a table."""
    row = {f"recovered, {name}": _known(x) for name, x in found.recovered.items()}
    row |= {f"shared: {name}": _known(x) for name, x in found.shared_are.items()}
    return row | {
        f"shared, if {name}": _known(x) for name, x in found.shared_if.items()
    }


def _known(found: Interval) -> float | None:
    """The estimate; None where nothing could be asked."""
    return None if found.estimate != found.estimate else found.estimate


_Asked = Callable[[int, int], Tensor]
_Table = Float[Tensor, "seed seed"]


def _given(pairs: SeedPairs, what: _Asked, condition: _Asked, level: float) -> Interval:
    """Share of the latents under a condition of which something is true, over pairs;
    pairs without such a latent are left out.
    """
    table = torch.full((pairs.seeds, pairs.seeds), torch.nan, dtype=torch.float64)
    trials = 0
    for s, t in pairs.matchings:
        inside = condition(s, t)
        if inside.any():
            table[s, t] = what(s, t)[inside].double().mean()
            trials = max(trials, int(inside.sum()))
    return _share(table, trials * pairs.seeds, level)


def _share(table: _Table, trials: int, level: float) -> Interval:
    """`share_over_pairs` where at least two seeds can be asked; else all of [0, 1]."""
    if (~table.isnan()).any(1).sum() < 2:
        return Interval(float(table.nanmean()), 0.0, 1.0, torch.nan, level)
    return share_over_pairs(table, trials=trials, level=level)


def _recovered(found: Sequence[HeldFeatures], level: float) -> dict[str, Interval]:
    features = [float(len(one.feature)) for one in found]
    own = [float((one.feature == 1).double().mean()) for one in found]
    either = [float((one.feature > 0).double().mean()) for one in found]
    return {
        "own direction": share_over_seeds(own, trials=features, level=level),
        "either": share_over_seeds(either, trials=features, level=level),
    }


def _agreement(
    found: Sequence[HeldFeatures], brings: Bool[Tensor, "feature"], level: float
) -> dict[str, Interval]:
    """Whether seeds hold the same features as composites, among those that have one."""
    size = len(found)
    both, chance = torch.full((2, size, size), torch.nan, dtype=torch.float64)
    composite = torch.stack([(one.feature == 2)[brings] for one in found]).double()
    for s in range(size):
        for t in range(size):
            if s != t and composite[s].any():
                both[s, t] = (composite[s] * composite[t]).sum() / composite[s].sum()
                chance[s, t] = composite[t].mean()
    trials = size * max(int(composite.sum(1).max()), 1)
    difference = both - chance
    able = (~difference.isnan()).any(1).sum() > 1
    return {
        "both_composite": _share(both, trials, level),
        "by_chance": _share(chance, trials, level),
        "agreement": over_pairs(difference, level=level)
        if able
        else Interval(float(difference.nanmean()), -1.0, 1.0, torch.nan, level),
    }
