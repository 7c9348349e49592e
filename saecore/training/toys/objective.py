"""The loss of toys, many runs at a time, for autograd."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor


def toy_objective(
    one: Any,
    weights: dict[str, Tensor],
    world: Float[Tensor, "run feature d_model"],
    penalty: Float[Tensor, " run"],
    active: Float[Tensor, "#run row feature"],
    share: Float[Tensor, "run row"],
) -> tuple[Tensor, Float[Tensor, " run"]]:
    """Sum over the runs of squared error + penalty * norm-weighted L1; and BatchTopK's
    thresholds.

    Matryoshka takes the mean of the errors of its nested widths.
    """
    decoder, b_dec = weights["W_dec"], weights["b_dec"]
    encoder = weights.get("W_enc", decoder)
    shift = weights["b_enc"] - torch.einsum("rd,rld->rl", b_dec, encoder)
    latents = (active @ (world @ encoder.mT) + shift[:, None]).relu()
    norm = decoder.norm(dim=2)
    cut = torch.zeros(len(world))
    if one.variant == "batchtopk":
        latents, cut = top_of_batch(latents, norm, int(one.k * active.shape[1]))
    ones = torch.ones(*latents.shape[:2], 1)
    terms = torch.cat([latents, -active.expand(len(world), -1, -1), ones], dim=2)
    gram = torch.cat([decoder, world, b_dec[:, None]], dim=1)
    gram = gram @ gram.mT
    products = (terms * share[..., None]).mT @ terms
    error = sum(
        (products * gram * kept).sum() for kept in nested_terms(one, terms.shape[2])
    ) / len(one.prefixes)
    sparsity = torch.einsum("rn,rnl,rl->r", share, latents, norm) @ penalty
    return error + sparsity, cut


def top_of_batch(
    latents: Float[Tensor, "run row latent"],
    norm: Float[Tensor, "run latent"],
    count: int,
) -> tuple[Float[Tensor, "run row latent"], Float[Tensor, " run"]]:
    """The `count` largest of every run's latents, times decoder norms; and the least of
    them.
    """
    strength = (latents * norm[:, None]).detach()
    flat = strength.flatten(1)
    place = flat.shape[1] - count  # numpy finds it ten times faster than torch
    least = torch.from_numpy(np.partition(flat.numpy(), place, axis=1)[:, place])
    return latents * (strength >= least[:, None, None]), least


def level_after(level: Any, cut: Any, step: int) -> Any:
    """BatchTopK's threshold so far: the mean over the last hundred steps or so."""
    return level + (cut - level) / (step + 1 if step < 100 else 100)


def nested_terms(one: Any, size: int) -> list[Float[Tensor, "term term"]]:
    """For every nested width, which products of terms take part: those of its latents,
    of all features, and of the bias.
    """
    kept = torch.ones(len(one.prefixes), size)
    for row, prefix in zip(kept, one.prefixes, strict=True):
        row[prefix : one.width] = 0
    return [row[:, None] * row for row in kept]
