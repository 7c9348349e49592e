"""Architectures compared where they leave the same error, not where they are equally
sparse.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.algebra.intervals import Interval, jackknife
from saecore.report.ranged import mean


class AtSetting(NamedTuple):
    """One setting of a sweep over its seeds."""

    share: Float[Tensor, "seed seed"]
    """Share of shared latents, by pair of seeds."""
    fvu: Sequence[float]
    """Fraction of variance unexplained, by seed."""


class EqualError(NamedTuple):
    """A share, and that of another architecture interpolated to the same error."""

    difference: Interval
    """The share minus the interpolated one, over seeds."""
    interpolated: float
    """The share of the other architecture at that error."""
    fvu: float
    """The error."""
    between: tuple[int, int]
    """The settings of the other architecture on either side of it."""


def at_equal_error(
    one: AtSetting, others: Mapping[int, AtSetting], *, level: float
) -> EqualError | None:
    """The share of `one` minus that of other SAEs with as large an error.

    The others are a sweep (over k, or over the rows in training) with the same seeds.
    Their shares are interpolated, linearly in the logarithm of the error, between the
    two neighbouring settings whose errors lie on either side of that of `one`; of
    several such pairs the one with the larger setting. The interval is a jackknife that
    leaves out a seed everywhere, the errors included. None if no two settings enclose
    the error.
    """
    seeds = list(range(len(one.fvu)))
    between = _enclosing(one, others)
    if between is None:
        return None
    low, high = (others[setting] for setting in between)

    def interpolated(kept: list[int]) -> float:
        here, ends = _fvu(one, kept), (_fvu(low, kept), _fvu(high, kept))
        weight = float((here / ends[0]).log() / (ends[1] / ends[0]).log())
        return (1 - weight) * _share(low, kept) + weight * _share(high, kept)

    found = jackknife(
        lambda kept: _share(one, kept) - interpolated(kept), len(seeds), level=level
    )
    return EqualError(found, interpolated(seeds), mean(one.fvu), between)


def _enclosing(
    one: AtSetting, others: Mapping[int, AtSetting]
) -> tuple[int, int] | None:
    here, found = mean(one.fvu), None
    for a, b in pairwise(sorted(others)):
        low, high = sorted((mean(others[a].fvu), mean(others[b].fvu)))
        if low <= here <= high and low < high:
            found = (a, b)
    return found


def _fvu(setting: AtSetting, kept: list[int]) -> Tensor:
    return torch.tensor(setting.fvu, dtype=torch.float64)[kept].mean()


def _share(setting: AtSetting, kept: list[int]) -> float:
    inside = setting.share[kept][:, kept]
    return float(inside[~torch.eye(len(kept), dtype=torch.bool)].nanmean())
