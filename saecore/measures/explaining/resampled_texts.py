"""The mean simulation score on other texts: a bootstrap of the texts that score.

Explanations stay as they were fitted. Every draw takes as many fragments of the scoring
half, with replacement, and scores each latent on the top and the random ones among
them. A correlation needs five sums of each fragment, so a draw costs no prediction; and
the fragments are sorted once, as a draw only says how often each of them is there.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from saecore.measures.explaining.fragments import Fragments
from saecore.measures.explaining.predicates import Predicates
from saecore.measures.explaining.rules import Rules, predicted
from saecore.measures.explaining.scores import LATENTS_AT_ONCE

RANKED = 48
"""Fragments of a ranking that a draw may reach: a resample in which fewer than a few of
so many are there does not occur.
"""


class FragmentSums(NamedTuple):
    """What a correlation over any fragments is made of."""

    sums: Float[Tensor, "latent fragment sum"]
    """Over the positions of each fragment: of the predictions, of the activations, of
    the squares of both, and of their products.
    """
    largest: Float[Tensor, "latent fragment"]
    """The largest activation of each fragment."""
    length: int
    """Positions of a fragment."""


def fragment_sums(
    rules: Rules,
    y: Float[Tensor, "latent fragment pos"],
    fragments: Fragments,
    predicates: Predicates,
) -> FragmentSums:
    """Sums over each fragment of the half that rules are not fitted on."""
    values = predicates.at(fragments.half(fitting=False)).flatten(1)
    parts = []
    for block in torch.arange(len(y)).split(LATENTS_AT_ONCE):
        truth = y[block][:, ~fragments.fitting].double()
        said = predicted(rules.of(block), values, predicates).activation
        said = said.view(truth.shape).double()
        five = (said, truth, said * said, truth * truth, said * truth)
        parts.append(torch.stack([one.sum(2) for one in five], 2))
    largest = y[:, ~fragments.fitting].amax(2)
    return FragmentSums(torch.cat(parts), largest, y.shape[2])


def resampled_means(
    found: FragmentSums,
    scored: Bool[Tensor, " latent"],
    *,
    each: int,
    draws: int,
    seed: int = 7,
) -> Float[Tensor, " draw"]:
    """Means over the `scored` latents of the simulation score, on `draws` resamples of
    the fragments (the bootstrap of Efron 1979, over texts): the same ones for all
    dictionaries that are scored on these fragments, so means may be compared draw by
    draw.
    """
    sums, largest = found.sums[scored], found.largest[scored]
    texts, others = (Generator().manual_seed(n) for n in (seed, seed + 1))
    keys = torch.rand(largest.shape, generator=others)
    keys = torch.where(largest > 0, keys, keys - 1)
    size, first = largest.shape[1], min(RANKED, largest.shape[1])
    picks = torch.randint(size, (draws, size), generator=texts)
    copies = torch.zeros(draws, size).scatter_add_(
        1, picks, torch.ones(draws, size)
    )  # how often each text is there
    top = largest.topk(first, dim=1).indices
    random = keys.topk(first, dim=1).indices
    taken = _first_ones(copies[:, top], each)
    same = (random[:, :, None] == top[:, None]).float()
    left = copies[:, random] - torch.einsum("dlt,lrt->dlr", taken, same)
    drawn = _first_ones(left, each)
    five = _weighted(taken, sums, top) + _weighted(drawn, sums, random)
    return pearson_of_sums(five / (2 * each * found.length)).mean(1)


def _first_ones(copies: Float[Tensor, "draw latent rank"], number: int) -> Tensor:
    """How many copies of each are among the first `number`, in the order of a
    ranking.
    """
    before = copies.cumsum(2) - copies
    return torch.minimum(copies, (number - before).clamp(min=0))


def _weighted(
    copies: Tensor, sums: Tensor, index: Tensor
) -> Float[Tensor, "draw latent sum"]:
    """Sums over the fragments of an index, each as often as it was drawn."""
    there = sums.gather(1, index[..., None].expand(-1, -1, sums.shape[2]))
    return torch.einsum("dlf,lfs->dls", copies.double(), there)


def pearson_of_sums(means: Float[Tensor, "... sum"]) -> Float[Tensor, "..."]:
    """Pearson's correlation from five sums per position; 0 where one is constant."""
    a, b, aa, bb, ab = means.unbind(-1)
    spread = (aa - a * a).clamp(min=0) * (bb - b * b).clamp(min=0)
    varies = spread > 1e-12 * aa * bb
    return torch.where(varies, (ab - a * b) / spread.clamp(min=1e-300).sqrt(), 0)
