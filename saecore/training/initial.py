"""How an SAE begins: its initial weights, and how many are trained side by side."""

import math
from statistics import NormalDist

import torch

from saecore.recipes.sae import PENALISED, SAERecipe
from saecore.seeding import stable_seed
from saecore.sparse import CHUNK
from saecore.training.gradients import Parameters

WHOLE = slice(None)
"""All latents."""
DRAWN_AT_ONCE = 4096
"""Latents drawn at a time where only some are kept: torch draws normal numbers in
blocks of 16, so that pieces of such a length are those of the whole.
"""


def initial(
    recipe: SAERecipe, seed: int, d_model: int, shard: slice = WHOLE
) -> Parameters:
    """Initial weights: random unit directions, the encoder along them, no biases; of
    the latents in `shard` alone, if one is given.

    They depend on the seed, the shape, k and the architecture alone, never on the data.
    The encoders of ReLU and gated are scaled by d_model / width, as half of their
    latents are active at first; a tied one has unit rows. JumpReLU's thresholds are
    such that 2 k latents would be active in isotropic rows.
    """
    generator = torch.Generator().manual_seed(
        stable_seed("init", seed, recipe.architecture, recipe.width, d_model)
    )
    w_dec = drawn(recipe.width, d_model, generator, shard)
    w_dec /= w_dec.norm(dim=1, keepdim=True)
    scale = (
        min(1.0, d_model / recipe.width)
        if recipe.architecture in ("relu", "gated") and not recipe.tied
        else 1.0
    )
    zeros = torch.zeros(len(w_dec))
    weights = {
        "W_enc": scale * w_dec,
        "b_enc": zeros,
        "W_dec": w_dec,
        "b_dec": torch.zeros(1, d_model),
    }
    if recipe.architecture == "gated":
        weights |= {"r_mag": zeros.clone(), "b_mag": zeros.clone()}
    if recipe.architecture == "jumprelu":
        inactive = max(0.55, 1 - 2 * recipe.k / recipe.width)
        first = NormalDist().inv_cdf(inactive) / math.sqrt(d_model)
        weights["log_threshold"] = torch.full_like(zeros, math.log(first))
    return weights


def drawn(
    width: int, d_model: int, generator: torch.Generator, shard: slice
) -> torch.Tensor:
    """The rows in `shard` of a normal matrix [width, d_model], which is never held
    whole.
    """
    first, last, _ = shard.indices(width)
    pieces = max(1, width // DRAWN_AT_ONCE)
    kept = []
    for i in range(pieces):
        start = i * DRAWN_AT_ONCE
        size = width - start if i == pieces - 1 else DRAWN_AT_ONCE
        part = torch.randn(size, d_model, generator=generator)
        kept.append(part[max(0, first - start) : max(0, last - start)].clone())
    return torch.cat(kept)


def stackable(recipe: SAERecipe, d_model: int = 16) -> int:
    """Stack size: how many SAEs of this shape are worth training side by side, as many
    as keep a step's overhead the larger part of it. Without `d_model`, how many might
    be.
    """
    if recipe.architecture in PENALISED or recipe.width * d_model % 16 or d_model % 16:
        return 1
    return max(1, min(8, CHUNK // (recipe.width * recipe.batch)))
