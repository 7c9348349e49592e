"""Are the latents that two seeds share the true ones? Asked of the world of
features.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from jaxtyping import Bool
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.dictionary.recovery import (
    Detection,
    against_truth,
    truth_detection,
)
from saecore.measures.seeds.matching import shared
from saecore.recipes.sae import SAERecipe
from saecore.report.figures import NAMES
from saecore.source.worlds.features import Features, World, truth


class RecoveredFeatures(NamedTuple):
    """One dictionary of the world beside its features."""

    detection: Detection
    """Is being shared a sign of being true?"""
    own: Bool[Tensor, "feature"]
    """Features that a latent holds by their own direction."""
    either: Bool[Tensor, "feature"]
    """By their own direction, or together with what they bring along."""

    @property
    def share(self) -> float:
        """Share of the features that are recovered either way."""
        return float(self.either.double().mean())


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


def recovered(
    base: BaseSeeds, recipes: Sequence[SAERecipe], *, true_from: float
) -> RecoveredFeatures:
    """Sharing as a detector of truth, between the first two seeds of a setting.

    A latent is true if the one-to-one matching pairs it, at a cosine of at least
    `true_from`, with a feature or with the sum of a feature and what it always brings.
    """
    saes, features = base.zoo.get_all(recipes[:2]), world_features(base)
    one, two = (saes[recipe] for recipe in recipes[:2])
    matching = shared(one, two, threshold=base.cosine)
    own, whole = (
        against_truth(one, rows, threshold=true_from)
        for rows in (features.directions, features.composites())
    )
    true = own.is_feature | whole.is_feature
    found = truth_detection(
        matching.shared, true, score=matching.similarity, level=base.confidence
    )
    return RecoveredFeatures(found, own.recovered, own.recovered | whole.recovered)


def truth_by_setting(
    base: BaseSeeds, *, true_from: float
) -> dict[str, RecoveredFeatures]:
    """`recovered` for TopK at every width, and for the other architectures."""
    grid = base.grid
    asked = {f"TopK, width {width}": rs for width, rs in grid.widths["topk"].items()}
    others = {kind: rs for kind, rs in grid.architectures.items() if kind != "topk"}
    asked |= {NAMES[kind]: recipes for kind, recipes in others.items()}
    return {
        name: recovered(base, recipes, true_from=true_from)
        for name, recipes in asked.items()
    }


def truth_row(found: RecoveredFeatures) -> dict[str, Any]:
    """Its numbers as columns of a table."""
    shown = found.detection
    return {
        "true, if shared": shown.true_if_shared.estimate,
        "true, if orphan": shown.true_if_orphan.estimate,
        "shared, if true": shown.shared_if_true.estimate,
        "AUC": shown.auc,
        "features recovered": found.share,
        "by their own direction": float(found.own.double().mean()),
    }
