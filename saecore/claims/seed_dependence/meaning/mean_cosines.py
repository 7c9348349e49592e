"""The mean matched cosine (PW-MCC) of the same SAEs, and why it can be large where few
latents are shared.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds, matched
from saecore.measures.algebra.intervals import Interval, over_pairs, over_seeds
from saecore.measures.dictionary.nulls import same_covariance
from saecore.measures.seeds.matching import shared
from saecore.measures.seeds.mean_cosine import (
    KINDS,
    CosineKind,
    MatchedCosines,
    at_least,
    matched_cosines,
)

_SEED = 20250526
GRADES = 101
"""Thresholds between 0 and 1 at which the curve is drawn."""


class MeanCosines(NamedTuple):
    """Mean matched cosines of the base setting; each field by kind."""

    mean: dict[CosineKind, Interval]
    """Over all pairs of seeds."""
    null: dict[CosineKind, Interval]
    """Each seed with latents of the covariance of the next."""


class CosineGrades(NamedTuple):
    """Share of the matched decoder cosines that are at least a threshold: the mean
    matched cosine is the area under the curve.
    """

    threshold: Float[Tensor, "threshold"]
    two_seeds: Float[Tensor, "threshold"]
    null: Float[Tensor, "threshold"]
    """The first seed with latents of the covariance of the second."""


class MeanAndShare(NamedTuple):
    """One setting: its mean matched decoder cosine, with the sign, and its share."""

    cosine: float
    shared: float


def mean_cosines(base: BaseSeeds) -> MeanCosines:
    """PW-MCC of the base setting, its variants, and what chance gives (Song et al.
    2505.20254).
    """
    found = {
        (s, t): matched_cosines(base.saes[s], base.saes[t], matching)
        for (s, t), matching in base.pairs.matchings.items()
        if s < t
    }
    blank = _with_strangers(base)
    level = base.confidence
    means, nulls = {}, {}
    for kind in KINDS:
        table = torch.full((len(base.saes),) * 2, torch.nan, dtype=torch.float64)
        for place, cosines in found.items():
            table[place] = cosines.mean(kind)
        means[kind] = over_pairs(table, level=level)
        nulls[kind] = over_seeds([one.mean(kind) for one in blank], level=level)
    return MeanCosines(means, nulls)


def grades(base: BaseSeeds) -> CosineGrades:
    """The first two seeds, and the first with a null, latent by latent."""
    real = matched_cosines(base.saes[0], base.saes[1], base.pair)
    null = _with_strangers(base, seeds=1)[0]
    levels = torch.linspace(0, 1, GRADES, dtype=torch.float64)
    curves = (at_least(one.decoder, levels) for one in (real, null))
    return CosineGrades(levels, *curves)


def means_and_shares(base: BaseSeeds) -> dict[str, dict[Any, MeanAndShare]]:
    """Mean matched cosine and share over the sweeps at the base width: k and length."""
    sweeps = {"k": base.grid.ks, "rows in training": base.grid.lengths}
    level = base.confidence
    return {
        name: {
            setting: MeanAndShare(
                over_pairs(
                    pairs.table(lambda m: float(m.cosine_dec.mean())), level=level
                ).estimate,
                pairs.share(level=level).estimate,
            )
            for setting, pairs in by.items()
        }
        for name, by in matched(base, sweeps).items()
    }


def published_means(paper: Mapping[str, Any]) -> list[MeanAndShare]:
    """The paper's settings of which both numbers are known: k and length."""
    found: list[MeanAndShare] = []
    for name in ("ks", "lengths"):
        columns: Sequence[Sequence[float]] = (
            paper[name]["mean_decoder_cosine"], paper[name]["shared"]
        )  # fmt: skip
        found += [MeanAndShare(*pair) for pair in zip(*columns, strict=True)]
    return list(dict.fromkeys(found))


def _with_strangers(
    base: BaseSeeds, *, seeds: int | None = None
) -> list[MatchedCosines]:
    """Each seed matched with Gaussian latents of the covariance of the next one."""
    generator = torch.Generator().manual_seed(_SEED)
    found = []
    for s in range(seeds or len(base.saes)):
        other = base.saes[(s + 1) % len(base.saes)]
        blank = same_covariance(other, generator=generator)
        matching = shared(base.saes[s], blank, threshold=base.cosine)
        found.append(matched_cosines(base.saes[s], blank, matching))
    return found
