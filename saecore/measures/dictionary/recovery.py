"""Against the truth of a world: is a latent a feature, and does being shared say so?"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.measures.algebra.assignment import Assignment, assign
from saecore.measures.algebra.classifier_scores import auroc
from saecore.measures.algebra.intervals import Interval, wilson
from saecore.shapes import Dictionary

TRUE_FROM = 0.9
"""Cosine from which a latent counts as a feature; an even mixture of two orthogonal
features has .707 with each, so .7 would not tell.
"""


class Truth(NamedTuple):
    """A dictionary matched one to one with the true directions."""

    assignment: Assignment
    """Latents matched one to one with features, by decoder."""
    threshold: float
    """Cosine from which a latent counts as the feature."""

    @property
    def is_feature(self) -> Bool[Tensor, "latent"]:
        """Latents that are the partner of a feature, one to one: of two copies only one
        counts.
        """
        return (self.assignment.partner >= 0) & (
            self.assignment.cosine >= self.threshold
        )

    @property
    def recovered(self) -> Bool[Tensor, "feature"]:
        """Features that have a latent of their own."""
        return self.assignment.flip().cosine >= self.threshold

    @property
    def recall(self) -> float:
        """Share of the features that are recovered."""
        return float(self.recovered.double().mean())

    @property
    def precision(self) -> float:
        """Share of the latents that are features."""
        return float(self.is_feature.double().mean())


def against_truth(
    dictionary: Dictionary,
    features: Float[Tensor, "feature d_model"],
    *,
    threshold: float = TRUE_FROM,
) -> Truth:
    """Feature recovery: match a dictionary's decoder with the true directions of a
    world; cosines keep their sign.
    """
    return Truth(assign(dictionary.W_dec, features), threshold)


class Detection(NamedTuple):
    """Precision, recall and AUROC of sharing as a detector of truth; intervals are
    Wilson's, over latents of one dictionary.
    """

    true_if_shared: Interval
    """P(true | shared): the precision of "shared"."""
    true_if_orphan: Interval
    """P(true | orphan)."""
    shared_if_true: Interval
    """P(shared | true): the recall of "shared"."""
    shared_if_false: Interval
    """P(shared | not true): false alarms."""
    auc: float
    """AUROC, P(a true latent scores above one that is not); nan without a score or one
    of the kinds.
    """


def truth_detection(
    shared: Bool[Tensor, "latent"],
    true: Bool[Tensor, "latent"],
    *,
    level: float,
    score: Float[Tensor, "latent"] | None = None,
    among: Bool[Tensor, "latent"] | None = None,
) -> Detection:
    """Precision, recall and AUROC of being shared as a sign that a latent is a true
    feature.

    2501.16615 leaves open whether shared latents are real and orphans are not; where
    the truth is known it can be counted. `score` (for instance `matching.similarity`)
    gives the AUC without a threshold; `among` restricts to live latents; `level` is the
    confidence of the intervals.
    """
    keep = torch.ones_like(shared) if among is None else among
    shared, true = shared[keep], true[keep]
    auc = float("nan") if score is None else float(auroc(score[keep], true))
    return Detection(
        _given(true, shared, level),
        _given(true, ~shared, level),
        _given(shared, true, level),
        _given(shared, ~true, level),
        auc,
    )


def _given(what: Tensor, condition: Tensor, level: float) -> Interval:
    return wilson(int((what & condition).sum()), int(condition.sum()), level=level)
