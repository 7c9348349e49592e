"""What a latent adds to a reconstruction: the error that is there without it."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.dictionary.encoded import (
    Encoded,
    encoded,
    mean_square,
    residual,
    variance,
)
from saecore.shapes import Dictionary, Rows
from saecore.sparse import dots


class Removals(NamedTuple):
    """Latents taken out of a reconstruction one at a time, all else as it was."""

    dfvu: Float[Tensor, "latent"]
    """By how much the fraction of variance unexplained rises without it."""
    fired: Int[Tensor, "latent"]
    """Rows on which it is active."""
    fvu: float
    """With all latents."""


class GroupRemoval(NamedTuple):
    """A group of latents taken out at once."""

    dfvu: float
    """By how much the fraction of variance unexplained rises without them."""
    latents: int
    """How many they are."""


def removals(dictionary: Dictionary | Encoded, x: Rows) -> Removals:
    """Rise of the error when each latent is set to zero, alone, on the rows `x`.

    Without latent i, active at f with direction d, a row's squared error rises by
    2 f <d, e> + f^2 |d|^2, where e is what the whole reconstruction leaves: a sum over
    the active entries in closed form, with nothing encoded anew. In units of the
    variance of x.
    """
    one = dictionary if isinstance(dictionary, Encoded) else encoded(dictionary, x)
    crow, latent, value = one.active
    rest, latent = residual(one, x), latent.long()
    along = dots(crow, one.active.latent, rest, one.W_dec).double()
    value, norm = value.double(), one.W_dec.double().square().sum(1)
    rise = 2 * value * along + value.square() * norm[latent]
    total = torch.zeros(one.width, dtype=torch.float64).index_add_(0, latent, rise)
    scale = variance(x)
    return Removals(total / one.rows / scale, one.fired, mean_square(rest) / scale)


def without(one: Encoded, x: Rows, group: Bool[Tensor, "latent"]) -> GroupRemoval:
    """Rise of the error when a group of latents is set to zero at once."""
    value = torch.where(group[one.active.latent.long()], 0, one.active.value)
    left = one._replace(active=one.active._replace(value=value))
    rise = mean_square(residual(left, x)) - mean_square(residual(one, x))
    return GroupRemoval(rise / variance(x), int(group.sum()))


def matched_in_firing(
    group: Bool[Tensor, "latent"],
    fired: Int[Tensor, "latent"],
    *,
    factor: float = 1.25,
) -> tuple[Int[Tensor, "pair"], Int[Tensor, "pair"]]:
    """Pairs of a latent of the group and one outside it that fire about as often.

    Greedy from the rarest member of the group on: the closest one outside that is still
    free, if the larger count is at most `factor` times the smaller. Latents that never
    fire are left out.
    """
    rate = fired.double().log()
    members = ((fired > 0) & group).nonzero().flatten()
    free = ((fired > 0) & ~group).nonzero().flatten().tolist()
    pairs: list[tuple[int, int]] = []
    for one in members[rate[members].argsort()].tolist():
        if not free:
            break
        gaps = (rate[free] - rate[one]).abs()
        if float(gaps.min()) <= torch.tensor(factor).log():
            pairs.append((one, free.pop(int(gaps.argmin()))))
    found = torch.tensor(pairs, dtype=torch.long).view(-1, 2)
    return found[:, 0], found[:, 1]
