"""Intervals: over seeds where pairs share a seed, over latents, and for counts."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Shaped
from torch import Tensor


class Interval(NamedTuple):
    """A confidence interval: an estimate and the range that it can be trusted to."""

    estimate: float
    """The statistic on all the data."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""
    standard_error: float
    """Estimated standard deviation of the estimate; nan for Wilson's interval."""
    level: float
    """Confidence, e.g. 0.95."""

    @property
    def triple(self) -> tuple[float, float, float]:
        """Estimate, lower end, upper end: what a verdict's rule asks for."""
        return (self.estimate, self.low, self.high)


def jackknife(
    statistic: Callable[[list[int]], float], size: int, *, level: float
) -> Interval:
    """Jackknife (leave-one-out) interval of any statistic of `size` independent units
    (seeds).

    se^2 = (S - 1)/S sum_s (theta_-s - mean)^2 (Tukey 1958); interval theta +- t_{S-1}
    se. `statistic` takes the indices that are kept. Raises ValueError for fewer than
    three units.
    """
    if size < 3:
        raise ValueError(
            f"a jackknife over seeds needs at least 3 seeds, got {size}; train more "
            "seeds"
        )
    everyone = list(range(size))
    left_out = [statistic(everyone[:s] + everyone[s + 1 :]) for s in everyone]
    return _tukey(
        statistic(everyone), torch.tensor(left_out, dtype=torch.float64), level
    )


def over_pairs(values: Float[Tensor, "seed seed"], *, level: float) -> Interval:
    """Jackknife interval for the mean over pairs of seeds, which are not independent:
    each seed is in S - 1 pairs.

    The mean over pairs is a U-statistic of degree two; the jackknife leaves out one
    *seed* at a time, with all its pairs (Arvesen 1969). An interval that took the
    S(S-1)/2 pairs for independent would be too short, by up to sqrt(2). The diagonal of
    `values` is not looked at; the two orders of a pair, `values[s, t]` and `values[t,
    s]`, are averaged; pairs that are missing are NaN. Raises ValueError for fewer than
    three seeds.
    """
    if len(values) < 3:
        raise ValueError(
            f"a jackknife over seeds needs at least 3 seeds, got {len(values)}; train "
            "more seeds"
        )
    off = ~torch.eye(len(values), dtype=torch.bool) & ~values.isnan()
    entries = torch.where(off, values.double(), 0)
    sums, counts = (x.sum(0) + x.sum(1) for x in (entries, off.double()))
    left_out = (entries.sum() - sums) / (off.sum() - counts)
    return _tukey(float(entries.sum() / off.sum()), left_out, level)


def difference(
    a: Float[Tensor, "seed seed"],
    b: Float[Tensor, "other other"],
    *,
    level: float,
) -> Interval:
    """Jackknife interval for the mean over pairs of `a` minus that of `b`, two settings
    with the same seeds.

    A jackknife that leaves out one seed from both at once, so whatever the seeds have
    in common between the settings cancels. Raises ValueError where the settings do not
    have the same number of seeds.
    """
    if a.shape != b.shape:
        raise ValueError(
            f"a difference is taken over the same seeds, got tables {tuple(a.shape)} "
            f"and {tuple(b.shape)}; leave out the seeds that only one of them has"
        )
    size = len(a)
    off = ~torch.eye(size, dtype=torch.bool)

    def means(kept: list[int]) -> float:
        inside = off[kept][:, kept]
        return float(
            a[kept][:, kept][inside].nanmean() - b[kept][:, kept][inside].nanmean()
        )

    return jackknife(means, size, level=level)


def u_statistic_variance(seeds: int, of_seed: float, of_pair: float) -> float:
    """Variance of the mean over pairs of S seeds (Hoeffding 1948), for a symmetric
    quantity h.

    2 / (S (S - 1)) (2 (S - 2) zeta_1 + zeta_2), with zeta_1 = `of_seed` = Var E[h | one
    seed] and zeta_2 = `of_pair` = Var h.
    """
    return 2 / (seeds * (seeds - 1)) * (2 * (seeds - 2) * of_seed + of_pair)


def over_seeds(values: Sequence[float], *, level: float) -> Interval:
    """Student's interval for the mean of one number per seed. Raises ValueError for
    fewer than two.
    """
    if len(values) < 2:
        raise ValueError(
            f"an interval over seeds needs at least 2 seeds, got {len(values)}; train "
            "more seeds"
        )
    x = torch.tensor(values, dtype=torch.float64)
    return _student(
        float(x.mean()), float(x.std() / math.sqrt(len(x))), len(x) - 1, level
    )


def bootstrap(
    values: Shaped[Tensor, "latent ..."],
    *,
    generator: torch.Generator,
    statistic: Callable[[Tensor], Tensor] | None = None,
    draws: int = 1000,
    level: float,
) -> Interval:
    """Percentile bootstrap over latents (Efron 1979); the statistic is the mean unless
    given.

    It says how far the number would move with other latents of the *same* dictionaries;
    it knows nothing of other seeds. Raises ValueError for no values.
    """
    if not len(values):
        raise ValueError("a bootstrap needs at least one value, got none")
    statistic = statistic or (lambda x: x.double().mean())
    size = len(values)
    picks = (torch.randint(size, (size,), generator=generator) for _ in range(draws))
    samples = torch.stack(
        [torch.as_tensor(statistic(values[pick])).double() for pick in picks]
    )
    ends = torch.quantile(
        samples, torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64)
    )
    return Interval(
        float(statistic(values)),
        float(ends[0]),
        float(ends[1]),
        float(samples.std()),
        level,
    )


def wilson(successes: int, trials: int, *, level: float) -> Interval:
    """Wilson's score interval for a share of counts (1927), by SciPy; from 0 to 1, with
    nan as the estimate, of no trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(
            f"successes must lie between 0 and the trials, got {successes} of {trials}"
        )
    if trials == 0:
        return Interval(math.nan, 0.0, 1.0, math.nan, level)
    from scipy.stats import binomtest

    ends = binomtest(successes, trials).proportion_ci(level, method="wilson")
    share = successes / trials
    return Interval(share, float(ends.low), float(ends.high), math.nan, level)


def share_over_seeds(
    shares: Sequence[float],
    *,
    trials: Sequence[float] | None = None,
    level: float,
) -> Interval:
    """Interval inside [0, 1], never of zero width, for the mean of one share per seed
    (Korn and Graubard 1998).

    The shares' variance over seeds gives an effective sample size, n = p (1 - p) / se^2
    (z / t_{S-1})^2, at most as many as there were `trials` (units behind each share);
    the ends are Clopper and Pearson's for p n of n. With equal shares n is all trials,
    or one a seed where trials are not given. Departure: seeds weigh the same, whatever
    their trials, and z stands for t of the whole sample. Raises ValueError for fewer
    than two seeds, or shares outside [0, 1].
    """
    if len(shares) < 2:
        raise ValueError(
            f"an interval over seeds needs at least 2 seeds, got {len(shares)}; train "
            "more seeds"
        )
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError(f"shares must lie in [0, 1], got {list(shares)}")
    from scipy.stats import beta, norm, t

    x = torch.tensor(list(shares), dtype=torch.float64)
    share, error = float(x.mean()), float(x.std() / math.sqrt(len(x)))
    size, tail = float(sum(trials) if trials is not None else len(x)), (1 - level) / 2
    if error > 0:
        cautious = float(norm.ppf(1 - tail) / t.ppf(1 - tail, len(x) - 1)) ** 2
        effective = share * (1 - share) / error**2 * cautious
        size = effective if trials is None else min(size, effective)
    hits, misses = share * size, (1 - share) * size
    low = float(beta.ppf(tail, hits, misses + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, misses)) if misses > 0 else 1.0
    return Interval(share, min(low, share), max(high, share), error, level)


def crossed(table: Float[Tensor, "seed unit"], *, level: float) -> Interval:
    """Interval for the mean of a table in which every seed was measured on the same
    units (prompts, names, texts); NaN where one was not.

    Variance clustered both ways, V_seed + V_unit - V_cell (Cameron, Gelbach and Miller
    2011, eq. 2.13; Owen 2007), each V with its factor G / (G - 1), and at least the
    larger of the two alone; Student's t with the smaller number of seeds or units less
    one. Raises ValueError for fewer than two seeds or units.
    """
    if min(table.shape) < 2:
        raise ValueError(
            "an interval over seeds and units needs at least 2 of each, got "
            f"{tuple(table.shape)}: measure more"
        )
    x = table.double()
    there = ~x.isnan()
    count = float(there.sum())
    mean = float(torch.where(there, x, 0).sum()) / count
    rest = torch.where(there, x - mean, 0)
    seeds, units, cells = (
        float(sums.square().sum()) / count**2 * len(sums) / (len(sums) - 1)
        for sums in (rest.sum(1), rest.sum(0), rest[there])
    )
    variance = max(seeds + units - cells, seeds, units)
    return _student(mean, math.sqrt(variance), min(table.shape) - 1, level)


def _tukey(estimate: float, left_out: Tensor, level: float) -> Interval:
    size = len(left_out)
    error = math.sqrt(
        (size - 1) / size * float((left_out - left_out.mean()).square().sum())
    )
    return _student(estimate, error, size - 1, level)


def _student(estimate: float, error: float, freedom: int, level: float) -> Interval:
    from scipy.stats import t

    half = float(t.ppf((1 + level) / 2, freedom)) * error
    return Interval(estimate, estimate - half, estimate + half, error, level)
