"""Against the truth: in the world of features, are novel latents features that the
smaller SAE lacks?
"""

from itertools import pairwise
from typing import NamedTuple

from jaxtyping import Bool
from torch import Tensor

from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.singles import WidthPair, shrinkage
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.dictionary.recovery import TRUE_FROM
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.insertion import insertions
from saecore.measures.stitching.novelty import novelty
from saecore.measures.stitching.refit import refitted
from saecore.measures.stitching.truth import called, lacked
from saecore.report.ranged import mean
from saecore.source.worlds.features import Features

WAYS = ("effect", "effect, refit", "cosine")
"""Ways to call a latent novel: its effect, the same on a refit decoder, the cosine."""


class TrueCalls(NamedTuple):
    """One way to call latents novel, judged by the truth; means over pairs of seeds."""

    really_new: float
    """Share of latents that are features which the smaller SAE lacks: the precision of
    calling all of them novel."""
    called: float
    """Share of latents that are called novel."""
    precision: float
    """Of these, the share that is really new."""
    recall: float
    """Of the really new latents, the share that is called novel."""
    any_feature: float
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
            calls[kind, u, v, way] = TrueCalls(*map(mean, columns))
    return WorldTruth(calls, shrinkage(world, "relu"), TRUE_FROM)


def _pairs(world: HeldOut) -> list[WidthPair]:
    steps = [(kind, u, v) for kind in world.saes for u, v in pairwise(world.widths)]
    base = [world.contrast(kind) for kind in world.saes]
    return [*steps, *base, *((kind, u, u) for kind, u, _ in base)]


def _neighbours(
    smaller: list[Encoded], larger: list[Encoded]
) -> list[tuple[Encoded, Encoded]]:
    """Each small SAE with a large one of the next seed."""
    return list(zip(smaller, larger[1:] + larger[:1], strict=True))


def _called(
    world: HeldOut, small: Encoded, large: Encoded, features: Features
) -> dict[str, TrueCalls]:
    truth = lacked(
        small, large, features.directions, features.composites(), threshold=TRUE_FROM
    )
    found = {}
    for way, novel in _novel(world, small, large).items():
        one = called(novel, truth, level=world.rule["confidence"])
        found[way] = TrueCalls(
            one.base,
            float(novel.double().mean()),
            one.precision.estimate,
            one.recall.estimate,
            one.feature.estimate,
        )
    return found


def _novel(
    world: HeldOut, small: Encoded, large: Encoded
) -> dict[str, Bool[Tensor, "latent"]]:
    """Latents called novel, by way."""
    rule, x = world.rule, world.x
    by_effect = [
        novelty(
            insertions(one, large, x),
            fdr=rule["false_discovery_rate"],
            least=rule["least_firings"],
        ).novel
        for one in (small, refitted(small, x))
    ]
    by_cosine = max_cosine(small, large) <= rule["cosine"]
    return dict(zip(WAYS, (*by_effect, by_cosine), strict=True))
