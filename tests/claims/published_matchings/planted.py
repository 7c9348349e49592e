"""Nine planted seeds: one true feature per latent, shuffled in each; some are lost."""

from typing import Any

import numpy as np
import torch

from saecore.claims.published_matchings.arrays import NINE

LATENTS, LOST = 400, 100
"""Latents of each seed, and how many of them have no counterpart anywhere."""


def orders(seed=0):
    """For each of nine seeds the latent that has each feature."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randperm(LATENTS, generator=generator) for _ in range(9)]


def matching(first, second, generator):
    """Feature to feature, but for lost ones, which are matched at random."""
    shuffled = torch.arange(LATENTS)
    shuffled[:LOST] = torch.randperm(LOST, generator=generator)
    partner = torch.empty(LATENTS, dtype=torch.int64)
    partner[first] = second[shuffled]
    return partner.numpy().astype(np.uint16)


def arrays(missing=((1, 2),)):
    """All pairs of nine seeds but some; encoder and decoder shuffle on their own."""
    generator = torch.Generator().manual_seed(1)
    order = orders()
    return {
        f"{kind}_{NINE.format(s + 1, t + 1)}": matching(order[s], order[t], generator)
        for s in range(9)
        for t in range(s + 1, 9)
        for kind in ("decoder", "encoder")
        if (s + 1, t + 1) not in missing
    }


def written(path, found=None):
    """The arrays as a file."""
    named: dict[str, Any] = arrays() if found is None else found
    np.savez_compressed(path, **named)
    return path
