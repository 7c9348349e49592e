"""Where the truth is known: is a latent that stitching calls novel a feature that the
small SAE lacks?
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.intervals import Interval, wilson
from saecore.measures.algebra.nearest import same_space
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.dictionary.recovery import against_truth
from saecore.shapes import Dictionary


class Lacked(NamedTuple):
    """What the latents of a large dictionary are, and which of it the small one does
    not have.
    """

    feature: Int[Tensor, "latent"]
    """The feature that the latent is, one to one; -1: none."""
    lacked: Bool[Tensor, "latent"]
    """It is a feature, and no latent of the small dictionary is that feature."""
    missing: Bool[Tensor, "feature"]
    """Features that the small dictionary lacks."""
    found: Bool[Tensor, "feature"]
    """Features that the large one has."""


def lacked(
    small: Dictionary | Encoded,
    large: Dictionary | Encoded,
    features: Float[Tensor, "feature d_model"],
    composites: Float[Tensor, "feature d_model"],
    *,
    threshold: float,
) -> Lacked:
    """Ground truth of novelty: which latents of `large` are features that `small`
    lacks.

    A latent is a feature if the one-to-one matching of decoder rows and true directions
    pairs them with a cosine of at least `threshold`; `composites`
    (`Features.composites`), the directions of features with all they bring along, count
    as well. Raises ValueError where d_model differs.
    """
    same_space(small.W_dec, large.W_dec)
    has = []
    for one in (small, large):
        both = [
            against_truth(Weights(one.W_dec.T, one.W_dec), rows, threshold=threshold)
            for rows in (features, composites)
        ]
        has.append((both, both[0].recovered | both[1].recovered))
    (own, whole), found = has[1]
    feature = torch.full((len(large.W_dec),), -1)
    for truth in (whole, own):  # its own direction has the last word
        feature = torch.where(
            truth.is_feature.cpu(), truth.assignment.partner.long().cpu(), feature
        )
    missing = ~has[0][1].cpu()
    return Lacked(
        feature, (feature >= 0) & missing[feature.clamp(min=0)], missing, found.cpu()
    )


class Called(NamedTuple):
    """Calling latents novel, judged by the truth; Wilson intervals over latents of one
    pair.
    """

    precision: Interval
    """Of the latents called novel, those that are features the small dictionary lacks.
    """
    recall: Interval
    """Of the latents that are such features, those called novel."""
    feature: Interval
    """Of the latents called novel, those that are any feature at all."""
    base: float
    """Share of latents that are features the small dictionary lacks."""


def called(novel: Bool[Tensor, "latent"], truth: Lacked, *, level: float) -> Called:
    """Precision and recall of "novel" for "a feature that the small dictionary
    lacks".
    """
    novel, real = novel.cpu(), truth.lacked
    hits, calls = int((novel & real).sum()), int(novel.sum())
    return Called(
        wilson(hits, calls, level=level),
        wilson(hits, int(real.sum()), level=level),
        wilson(int((novel & (truth.feature >= 0)).sum()), calls, level=level),
        float(real.double().mean()),
    )
