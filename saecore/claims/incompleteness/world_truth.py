"""Against the truth: in the world of features, are novel latents features that the
smaller SAE lacks?
"""

from collections.abc import Sequence
from itertools import pairwise
from math import isnan, nan
from typing import NamedTuple

from jaxtyping import Bool
from torch import Tensor

from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.singles import WidthPair, shrinkage
from saecore.claims.incompleteness.verdict_numbers import put_into, smaller
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.dictionary.recovery import TRUE_FROM
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.novelty import novelty
from saecore.measures.stitching.row_groups import as_share
from saecore.measures.stitching.truth import called, lacked
from saecore.source.worlds.features import Features

WAYS = ("effect", "effect, refit", "cosine")
"""Ways to call a latent novel: its effect, the same on a refit decoder, the cosine."""


class TrueCalls(NamedTuple):
    """One way to call latents novel, judged by the truth, over pairs of seeds."""

    really_new: Interval
    """Share of latents that are features which the smaller SAE lacks: the precision of
    calling all of them novel."""
    called: Interval
    """Share of latents that are called novel."""
    precision: Interval
    """Of these, the share that is really new; a pair without any is left out."""
    recall: Interval
    """Of the really new latents, the share that is called novel."""
    any_feature: Interval
    """Of the latents called novel, the share that is any feature."""


class WorldTruth(NamedTuple):
    """The section's numbers."""

    calls: dict[tuple[str, int, int, str], TrueCalls]
    """By architecture, two widths (equal: the control), and way."""
    shrinkage: float
    """Share by which the narrowest ReLU SAEs' own latents are too small."""
    from_cosine: float
    """Cosine from which a latent counts as a feature."""


def world_truth(world: HeldOut, features: Features) -> WorldTruth:
    """Precision and recall of three ways to call a latent novel, for each step in
    width, the base pairs and their controls.
    """
    calls = {}
    for kind, u, v in _pairs(world):
        found = [
            _called(world, small, large, features)
            for small, large in _neighbours(world.seeds(kind, u), world.seeds(kind, v))
        ]
        for way in WAYS:
            columns = zip(*(one[way] for one in found), strict=True)
            calls[kind, u, v, way] = TrueCalls(
                *(_interval(world, column, latents=v) for column in columns)
            )
    return WorldTruth(calls, shrinkage(world, "relu"), TRUE_FROM)


def _pairs(world: HeldOut) -> list[WidthPair]:
    steps = [(kind, u, v) for kind in world.saes for u, v in pairwise(world.widths)]
    base = [world.contrast(kind) for kind in world.saes]
    return [*steps, *base, *((kind, u, u) for kind, u, _ in base)]


def _neighbours(
    smaller: list[Encoded], larger: list[Encoded]
) -> list[tuple[Encoded, Encoded]]:
    """Each small SAE with a large one of the next seed, of the seeds that both have."""
    seeds = min(len(smaller), len(larger))
    following = larger[1:seeds] + larger[:1]
    return list(zip(smaller[:seeds], following, strict=True))


def _interval(world: HeldOut, values: Sequence[float], *, latents: int) -> Interval:
    told = [value for value in values if not isnan(value)]
    if len(told) < 2:
        return Interval(nan, nan, nan, nan, world.rule["confidence"])
    point = over_seeds(told, level=world.rule["confidence"])
    return as_share(point, units=latents, freedom=len(told) - 1, trials=latents)


def _called(
    world: HeldOut, small: Encoded, large: Encoded, features: Features
) -> dict[str, tuple[float, ...]]:
    """Columns of `TrueCalls`, by way."""
    truth = lacked(
        small, large, features.directions, features.composites(), threshold=TRUE_FROM
    )
    found = {}
    for way, novel in _novel(world, small, large).items():
        one = called(novel, truth, level=world.rule["confidence"])
        points = one.precision, one.recall, one.feature
        share = float(novel.double().mean())
        found[way] = (one.base, share, *(point.estimate for point in points))
    return found


def _novel(
    world: HeldOut, small: Encoded, large: Encoded
) -> dict[str, Bool[Tensor, "latent"]]:
    """Latents called novel, by way."""
    rule = world.rule
    by_effect = [
        novelty(
            effects[0], fdr=rule["false_discovery_rate"], least=rule["least_firings"]
        ).novel
        for effects in put_into(world, smaller(world, small), large)
    ]
    by_cosine = max_cosine(small, large) <= rule["cosine"]
    return dict(zip(WAYS, (*by_effect, by_cosine), strict=True))
