"""Whether another seed holds an orphan in pieces: sums of few of its latents."""

from collections.abc import Sequence

import torch
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.dictionary.nulls import same_covariance
from saecore.measures.seeds.orphans import pieces


def in_pieces(base: BaseSeeds, *, counts: Sequence[int]) -> dict[str, list[float]]:
    """How much of a latent's direction few latents of the other seed explain.

    Mean share of the squared norm, for each of `counts` latents: of shared latents, of
    orphans, and of orphans from a null of the same covariance.
    """
    first, second = (sae.W_dec for sae in base.saes[:2])
    generator = torch.Generator().manual_seed(0)
    blank = same_covariance(base.saes[1], generator=generator).W_dec
    flags = base.pair.shared
    asked = {
        "shared": (first[flags], second),
        "orphans": (first[~flags], second),
        "orphans, from the null": (first[~flags], blank),
    }
    return {
        name: _explained(rows, atoms, counts)
        for name, (rows, atoms) in asked.items()
        if len(rows)
    }


def _explained(rows: Tensor, atoms: Tensor, counts: Sequence[int]) -> list[float]:
    found = pieces(rows, atoms, count=max(counts)).explained
    return [float(found[:, count - 1].mean()) for count in counts]
