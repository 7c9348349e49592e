"""Intervals of shares over pairs of seeds that stay inside [0, 1]."""

from jaxtyping import Float
from torch import Tensor

from saecore.measures.algebra.intervals import Interval, over_pairs


def share_over_pairs(
    shares: Float[Tensor, "seed seed"], *, trials: int, level: float
) -> Interval:
    """Interval of a share over pairs of seeds, inside [0, 1] and never of zero width.

    The jackknife over seeds (`over_pairs`) gives the variance, and with it how many
    independent latents would scatter as much: n = p (1 - p) / variance, lowered by the
    squared ratio of the normal quantile to Student's for as few seeds. The ends are
    Clopper and Pearson's for p n of n (Korn and Graubard 1998). `trials` is the number
    of latents behind the mean, which n never exceeds; it stands alone where the seeds
    do not scatter.
    """
    mean = over_pairs(shares, level=level)
    return inside_unit(mean, trials=trials, freedom=len(shares) - 1)


def inside_unit(mean: Interval, *, trials: int, freedom: int) -> Interval:
    """The interval of a share whose variance is known from `freedom` + 1 seeds, put
    inside [0, 1] as `share_over_pairs` says.
    """
    return _clopper_pearson(mean, _effective(mean, trials, freedom))


def _effective(mean: Interval, trials: int, freedom: int) -> float:
    """How many independent latents are behind a mean share."""
    from scipy.stats import norm, t

    share, variance = mean.estimate, mean.standard_error**2
    if not variance > 0 or not 0 < share < 1:
        return float(trials)
    tail = (1 + mean.level) / 2
    cautious = float(norm.ppf(tail) / t.ppf(tail, freedom)) ** 2
    return min(float(trials), share * (1 - share) / variance * cautious)


def _clopper_pearson(mean: Interval, size: float) -> Interval:
    """The exact interval of a share of `size` trials, which need not be whole."""
    from scipy.stats import beta

    share, tail = mean.estimate, (1 - mean.level) / 2
    hits, misses = share * size, (1 - share) * size
    low = float(beta.ppf(tail, hits, misses + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, misses)) if misses > 0 else 1.0
    return mean._replace(low=min(low, share), high=max(high, share))
