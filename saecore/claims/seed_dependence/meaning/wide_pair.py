"""The matching at the width of the paper's main pair, on a pair whose truth is
planted.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.algebra.assignment import Assignment, assign

WIDTH_OF_PAPER = 32_768
"""Latents of the main pair of 2501.16615."""
NOISE = 0.5
"""Norm of what is added to a common direction of norm 1: cosines near 0.89."""


class Doubts(NamedTuple):
    """A matching and what can be doubted about it."""

    latents: int
    shared: float
    """Share of latents whose decoder cosine is at least the threshold."""
    gap: float
    """No matching has a larger sum of cosines by more than this."""
    ties: int
    """Latents that have another partner in some matching of the same total."""
    near: int
    """Matched cosines within 1e-5 of the threshold."""


class WidePair(NamedTuple):
    """Two dictionaries of random directions with some in common, in another order."""

    rows: Float[Tensor, "latent d_model"]
    others: Float[Tensor, "latent d_model"]
    common: int
    """Latents of the first that have a noisy copy in the second."""
    equal: int
    """Latents of the first, not among these, that are equal to each other."""


def planted_pair(
    d_model: int, *, width: int = WIDTH_OF_PAPER, common: float = 0.4, equal: int = 100
) -> WidePair:
    """Random directions: a share `common` of them comes back, and `equal` of the rest
    are one direction.
    """
    generator = torch.Generator().manual_seed(width)
    draws = [torch.randn(width, d_model, generator=generator) for _ in "ab"]
    rows, others = (x / x.norm(dim=1, keepdim=True) for x in draws)
    count = round(common * width)
    others[:count] = rows[:count] + NOISE * others[:count]
    rows[count : count + equal] = rows[count].clone()
    order = torch.randperm(width, generator=generator)
    return WidePair(rows, others[order], count, equal)


def doubts_of(found: Assignment, threshold: float) -> Doubts:
    """The share of a matching, and what can be doubted about it."""
    share = float((found.cosine >= threshold).double().mean())
    near = int(found.near(threshold).sum())
    return Doubts(len(found.cosine), share, found.gap, found.ties, near)


def wide_matchings(
    base: BaseSeeds, *, width: int = WIDTH_OF_PAPER
) -> dict[str, Doubts]:
    """The decoders of the first two seeds, and a planted pair as wide as the paper's
    in as many dimensions as the language model has.
    """
    pair = planted_pair(base.saes[0].d_model, width=width)
    found = {"two seeds": base.pair.decoder, "planted": assign(pair.rows, pair.others)}
    return {name: doubts_of(one, base.cosine) for name, one in found.items()}
