"""Why many latents do together what none of them does alone: the parts of their joint
change of the error.

With r what the small dictionary leaves of a row, and u the sum of what the inserted
latents add, the error changes by E|u|^2 - 2 E<u, r>. Alone, each would change it by
E|u_l|^2 - 2 E<u_l, r>; the difference is E|u|^2 - sum E|u_l|^2, what they add twice.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool
from torch import Tensor

from saecore.measures.dictionary.encoded import Encoded, mean_square
from saecore.measures.stitching.insertion import inserted
from saecore.shapes import Rows
from saecore.sparse import decode


class Overcount(NamedTuple):
    """The joint change of the error and its parts, as shares of the error before."""

    latents: int
    """Inserted."""
    alone: float
    """Sum of what each does alone."""
    twice: float
    """What they add twice: the joint change minus that sum."""
    together: float
    """The joint change, bias kept."""
    best_bias: float
    """The joint change where the bias is the best one before and after."""
    factor: float
    """The best common factor of all inserted activations; 1: none is too large."""
    at_factor: float
    """The joint change at that factor: never positive."""


def overcount(large: Encoded, rest: Rows, which: Bool[Tensor, "latent"]) -> Overcount:
    """Joint insertion of the latents `which` into what a small dictionary leaves
    (figure 15 of 2502.04878), parted into what they do alone and what they add twice.

    At the factor s the change is s^2 E|u|^2 - 2 s E<u, r>: best at s = E<u, r> /
    E|u|^2, and there -E<u, r>^2 / E|u|^2. A factor below one half means that the
    latents raise the error.
    """
    before = mean_square(rest)
    kept = torch.where(which[large.active.latent.long()], large.active.value, 0)
    added = decode(large.active._replace(value=kept), large.W_dec)
    energy = mean_square(added)
    overlap = float((added.double() * rest.double()).sum()) / len(rest)
    change = energy - 2 * overlap
    alone = float(inserted(large, rest)[0].effect[which].sum())
    centred = [_mean_removed(one) for one in (rest, rest - added)]
    factor = overlap / energy if energy else 0.0
    return Overcount(
        int(which.sum()),
        alone / before,
        (change - alone) / before,
        change / before,
        centred[1] / centred[0] - 1 if centred[0] > 0 else 0.0,
        factor,
        -overlap * factor / before,
    )


def _mean_removed(rows: Rows) -> float:
    """The error with the best bias."""
    return mean_square(rows) - float(rows.double().mean(0).square().sum())
