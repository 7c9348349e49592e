"""BiasGrowth biases, and decoders fitted anew to stitched sets of latents.

Leask et al. (2502.04878), figure 17 for the biases; the refit answers a reviewer's
question.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.claims.incompleteness.held_out import HeldOut
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.refit import Refit, bias_exchange, refit, union

DRAW_SEED = 20250207
"""Of the generator that draws latents of the wider SAE."""


class BiasGrowth(NamedTuple):
    """Errors with the decoder biases of other SAEs."""

    names: list[str]
    """The ReLU SAEs: seed 0 of every width, and another seed of the narrowest."""
    growth: Float[Tensor, "dictionary source"]
    """Growth of the error with each other's bias, as a share of the error."""


def bias_growth(held: HeldOut) -> BiasGrowth:
    """Growth of every SAE's error with every other's decoder bias."""
    narrow = held.widths[0]
    several = [held.seeds("relu", w)[0] for w in held.widths]
    several.append(held.seeds("relu", narrow)[1])
    errors = bias_exchange(several, held.x)
    names = [str(width) for width in held.widths] + [f"{narrow}, other seed"]
    return BiasGrowth(names, errors / errors.diagonal()[:, None] - 1)


def stitched_refits(held: HeldOut) -> dict[str, Refit]:
    """The narrowest SAE with latents of others, before and after a refit of all decoder
    rows, judged on rows that were not fitted on.
    """
    _, u, v = held.base
    narrow, wide = held.seeds("relu", u), held.seeds("relu", v)[1]
    new, other = (_below(held, narrow[0], one) for one in (wide, narrow[1]))
    sets = {
        f"width {u}": narrow[0],
        f"with the novel latents of {v}": union(narrow[0], wide, add=new),
        "with as many drawn at random": union(
            narrow[0], wide, add=_drawn(wide.width, int(new.sum()))
        ),
        "with the novel latents of another seed": union(
            narrow[0], narrow[1], add=other
        ),
        "with all latents of two other seeds": union(
            union(narrow[0], narrow[1]), narrow[2]
        ),
        f"width {v}": wide,
    }
    return {name: refit(one, held.x) for name, one in sets.items()}


def _below(held: HeldOut, small: Encoded, large: Encoded) -> Bool[Tensor, "latent"]:
    return max_cosine(small, large) <= held.rule["cosine"]


def _drawn(width: int, count: int) -> Bool[Tensor, "latent"]:
    """So many latents at random."""
    generator = torch.Generator().manual_seed(DRAW_SEED)
    drawn = torch.randperm(width, generator=generator)[:count]
    return torch.zeros(width, dtype=torch.bool).index_fill_(0, drawn, True)
