"""Do the published matchings close? From one seed to a second, on to a third, and home.

`triple_consistency` asks it of all latents; here it is asked of those for which one,
two or all three of the matchings on the way have encoder and decoder agree.
"""

from itertools import permutations
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.intervals import Interval, jackknife
from saecore.measures.seeds.many_seeds import triple_consistency

_Partners = Int[Tensor, "seed seed latent"]


class Closing(NamedTuple):
    """Triangles in which so many of the three matchings agree."""

    agreeing: int
    """How many of the three give encoder and decoder the same partner."""
    share: float
    """Share of all triangles."""
    closed: float
    """Share of these that close by the decoders' matchings."""


def closings(decoder: _Partners, encoder: _Partners) -> list[Closing]:
    """Triangles r -> s -> t against r -> t, over ordered triples of seeds with all
    their pairs, apart by how many of the three matchings agree.
    """
    agree = decoder == encoder
    total = torch.zeros(4, dtype=torch.float64)
    closed = torch.zeros_like(total)
    for r, s, t in _complete(decoder):
        on = decoder[r, s]
        agreeing = agree[r, s].int() + agree[s, t][on].int() + agree[r, t].int()
        home = decoder[s, t][on] == decoder[r, t]
        total += torch.bincount(agreeing, minlength=4)
        closed += torch.bincount(agreeing[home], minlength=4)
    return [
        Closing(n, float(total[n] / total.sum()), float(closed[n] / total[n]))
        for n in range(4)
    ]


def triples(partner: _Partners) -> int:
    """How many ordered triples of seeds have all their pairs."""
    return len(_complete(partner))


def closed(partner: _Partners, *, level: float) -> Interval:
    """`triple_consistency` with its jackknife interval over seeds."""

    def without(kept: list[int]) -> float:
        return triple_consistency(partner[kept][:, kept])

    return jackknife(without, len(partner), level=level)


def agreeing_with(decoder: _Partners, encoder: _Partners) -> Float[Tensor, " times"]:
    """Share of latents whose two matchings agree with exactly 0, 1, ... other seeds;
    over the seeds that were matched with all others.
    """
    agree: Bool[Tensor, "seed seed latent"] = decoder == encoder
    whole = [s for s, row in enumerate(_present(decoder)) if row.all()]
    counts = agree[whole].sum(1) - 1  # a seed agrees with itself
    found = torch.bincount(counts.flatten(), minlength=len(decoder))
    return found.double() / counts.numel()


def _complete(partner: _Partners) -> list[tuple[int, int, int]]:
    there = _present(partner)
    return [
        (r, s, t)
        for r, s, t in permutations(range(len(partner)), 3)
        if there[r, s] and there[s, t] and there[r, t]
    ]


def _present(partner: _Partners) -> Bool[Tensor, "seed seed"]:
    return (partner >= 0).any(2)
