"""Intervals over seeds and over rows: the same number with every seed, and with every
group of rows, left out.

Rows of one text are alike, so groups are made of whole texts. What is summed over rows
is summed group by group once; leaving a group out is then a subtraction.
"""

import math
from itertools import pairwise

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from saecore.measures.algebra.intervals import Interval, over_pairs


def groups_of(rows: int, *, groups: int, together: int = 1) -> list[slice]:
    """`groups` stretches of rows, as equal as whole texts of `together` rows allow.

    Raises ValueError where there are fewer texts than groups.
    """
    texts = math.ceil(rows / together)
    if not 1 <= groups <= texts:
        raise ValueError(
            f"rows are parted into one group or more, of at least one text each, got "
            f"{groups} groups for {texts} texts: ask for fewer groups"
        )
    ends = [min(texts * g // groups * together, rows) for g in range(groups + 1)]
    return [slice(*pair) for pair in pairwise(ends)]


def views(sums: Shaped[Tensor, "group *rest"]) -> Shaped[Tensor, "view *rest"]:
    """Sums over all rows, then over all but each group (none if there is one group)."""
    total = sums.sum(0, keepdim=True)
    return total if len(sums) == 1 else torch.cat([total, total - sums])


def over_seeds_and_rows(
    tables: Float[Tensor, "view seed other"], *, level: float
) -> Interval:
    """Two-way jackknife of a mean over pairs of seeds: over seeds (`over_pairs`) and
    over groups of rows, the variances added.

    The first table is of all rows, each further one without one group. The sum of both
    variances counts what seeds and rows have in common twice, so it is on the safe side
    (Owen 2007). Student's t has the smaller of the two numbers of degrees of freedom. A
    difference of two settings with the same seeds is the difference of their tables.
    """
    seeds = over_pairs(tables[0], level=level)
    if len(tables) == 1:
        return seeds
    groups = len(tables) - 1
    means = torch.stack([_mean(table) for table in tables[1:]])
    rows = (groups - 1) / groups * float((means - means.mean()).square().sum())
    error = math.sqrt(seeds.standard_error**2 + rows)
    freedom = min(len(tables[0]), groups) - 1
    half = _student(level, freedom) * error
    low, high = seeds.estimate - half, seeds.estimate + half
    return Interval(seeds.estimate, low, high, error, level)


def as_share(point: Interval, *, units: int, freedom: int, trials: int) -> Interval:
    """The interval of a share, inside 0 to 1 and never of zero width (Korn and Graubard
    1998).

    Clopper and Pearson's ends for the number of independent trials that would have the
    share's standard error, p (1 - p) / se^2, lessened by the two t's of `units` trials
    and of `freedom`. Where the standard error is zero there are `trials`, and never
    more: what one SAE has.
    """
    from scipy.stats import beta

    p, tail = min(max(point.estimate, 0.0), 1.0), (1 - point.level) / 2
    size = float(trials)
    if point.standard_error > 0 and 0 < p < 1:
        less = (_student(point.level, units - 1) / _student(point.level, freedom)) ** 2
        size = min(p * (1 - p) / point.standard_error**2 * less, size)
    hits, misses = p * size, (1 - p) * size
    low = float(beta.ppf(tail, hits, misses + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, misses)) if misses > 0 else 1.0
    return point._replace(low=min(low, p), high=max(high, p))


def _mean(table: Tensor) -> Tensor:
    off = ~torch.eye(len(table), dtype=torch.bool)
    return table[off].nanmean()


def _student(level: float, freedom: int) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, max(freedom, 1)))
