"""Rates that a metric reads against the true rates, over SAEs of different settings."""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from saecore.measures.absorption.against_truth.metric_scores import correlations
from saecore.measures.algebra.intervals import Interval, jackknife


class Tracking(NamedTuple):
    """Does the rate that a metric reads follow the true rate over SAEs?"""

    spearman: Interval
    """Rank correlation over settings (means over seeds); the interval leaves out one
    seed at a time.
    """
    pearson: float
    """Linear correlation over settings."""
    ratio: float
    """Sum of the rates read over the sum of the true ones: above 1 the metric reads too
    much.
    """
    error: float
    """Mean absolute difference of the two."""


def tracking(
    read: Float[Tensor, "setting seed"],
    true: Float[Tensor, "setting seed"],
    *,
    level: float,
) -> Tracking:
    """Compare rates over settings (width, k, architecture), with seeds as the unit that
    is left out.

    A setting in which either is nan for some seed is left out whole. Raises ValueError
    for tables of different shapes, or fewer than three seeds or settings.
    """
    if read.shape != true.shape:
        raise ValueError(
            f"rates are compared SAE by SAE, got tables {tuple(read.shape)} and "
            f"{tuple(true.shape)}: "
            "align them"
        )
    fine = ~(read.isnan() | true.isnan()).any(1)
    read, true = read[fine].double(), true[fine].double()
    if len(read) < 3:
        raise ValueError(
            f"a correlation over settings needs at least 3 of them, got {len(read)}: "
            "add some"
        )

    def spearman(kept: list[int]) -> float:
        return correlations(read[:, kept].mean(1), true[:, kept].mean(1))[1]

    pearson = correlations(read.mean(1), true.mean(1))[0]
    ratio = float(read.sum() / true.sum()) if true.sum() > 0 else float("nan")
    return Tracking(
        jackknife(spearman, read.shape[1], level=level),
        pearson,
        ratio,
        float((read - true).abs().mean()),
    )
