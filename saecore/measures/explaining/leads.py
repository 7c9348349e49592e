"""How far the mean score of one kind of dictionary lies above that of another, on the
same texts.

Seeds (or draws, or the latents of a dictionary of which there is one) and texts are
both sampled, so the variance of a difference has a part of each.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.algebra.intervals import Interval


class Scored(NamedTuple):
    """Scores of one dictionary: of its latents, and on resampled texts."""

    latents: Float[Tensor, " latent"]
    """The score of each latent that has one."""
    resampled: Float[Tensor, " draw"]
    """The mean over them on each resample of the texts, the same for all."""


class _Mean(NamedTuple):
    """A mean over units, with its variance without that of texts."""

    value: float
    variance: float
    freedom: int
    by_text: Float[Tensor, " draw"]


def mean_of(several: Sequence[Scored], *, level: float) -> Interval:
    """The mean score of one kind of dictionary, with an interval over seeds, latents
    and texts.
    """
    one = _mean(several)
    return _interval(one.value, [one], float(one.by_text.var()), level)


def mean_lead(
    ours: Sequence[Scored], others: Sequence[Scored], *, level: float
) -> Interval:
    """The mean score of `ours` minus that of `others`.

    The variance is that of either mean over its seeds, or over the latents within them
    where that is larger (few seeds may be alike by luck) or there is one dictionary;
    and that of the difference over texts, by a bootstrap which draws the same texts for
    both. Degrees of freedom are by Welch and Satterthwaite. What single latents have of
    the variance over texts is in both parts: the interval is a little wide (Cameron,
    Gelbach and Miller 2011 take it off).
    """
    a, b = _mean(ours), _mean(others)
    of_texts = float((a.by_text - b.by_text).var())
    return _interval(a.value - b.value, [a, b], of_texts, level)


def paired_lead(
    ours: Sequence[Scored], others: Sequence[Scored], *, level: float
) -> Interval:
    """The same where both score the same latents of the same dictionaries: differences
    are taken latent by latent, so their variance is that of the differences.
    """
    pairs = [
        Scored(a.latents - b.latents, a.resampled - b.resampled)
        for a, b in zip(ours, others, strict=True)
    ]
    return mean_of(pairs, level=level)


def share(
    ours: Sequence[Scored], others: Sequence[Scored], *, level: float
) -> Interval:
    """The mean score of `others` as a share of that of `ours` (delta method for the
    part over seeds, the same texts for both in the other). Raises ValueError where ours
    is 0 or less.
    """
    a, b = _mean(ours), _mean(others)
    if a.value <= 0:
        raise ValueError(
            f"a share needs a mean score above 0 to be a share of, got {a.value}: "
            "compare by the difference"
        )
    ratio = b.value / a.value
    parts = [
        a._replace(variance=a.variance * (ratio / a.value) ** 2),
        b._replace(variance=b.variance / a.value**2),
    ]
    of_texts = float((b.by_text / a.by_text).var())
    return _interval(ratio, parts, of_texts, level)


def _mean(several: Sequence[Scored]) -> _Mean:
    """Raises ValueError for no dictionary, or for one with fewer than two latents."""
    if not several or min(len(one.latents) for one in several) < 2:
        raise ValueError(
            "a mean score needs a dictionary with at least two scored latents, got "
            f"{[len(one.latents) for one in several]}: take more"
        )
    values = [one.latents.double() for one in several]
    means = torch.stack([each.mean() for each in values])
    number, within = len(values), sum(float(each.var()) / len(each) for each in values)
    kinds = [(within / number**2, sum(len(each) - 1 for each in values))]
    if number > 1:
        kinds.append((float(means.var()) / number, number - 1))
    variance, freedom = max(kinds)
    by_text = torch.stack([one.resampled for one in several]).mean(0)
    return _Mean(float(means.mean()), variance, freedom, by_text)


def _interval(
    value: float, parts: Sequence[_Mean], of_texts: float, level: float
) -> Interval:
    from scipy.stats import t

    draws = len(parts[0].by_text)
    terms = [(one.variance, one.freedom) for one in parts] + [(of_texts, draws - 1)]
    total = sum(variance for variance, _ in terms)
    bottom = sum(variance**2 / freedom for variance, freedom in terms)
    freedom = total**2 / bottom if bottom > 0 else 1.0
    half = float(t.ppf((1 + level) / 2, freedom)) * math.sqrt(total)
    return Interval(value, value - half, value + half, math.sqrt(total), level)
