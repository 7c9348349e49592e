"""Training of toy SAEs: many runs of one shape as one batched computation.

Two things make it cheap. A toy world has few different rows, so a batch of 1,024 rows
is a count of each pattern, and the loss on the counts *is* the loss on the batch. And
with C = [latents, -activations, 1] per row and M = [decoder; directions; decoder bias],
every error is a row of C M, so that

    mean squared error = sum over i, j of (C^T diag(weight) C)_ij (M M^T)_ij

needs no row in R^d_model at all. Worlds with varying magnitudes, and BatchTopK (which
ranks the rows of a batch among each other), are drawn row by row; the loss is the same.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.seeding import stable_seed
from saecore.source.worlds.toys import directions, patterns, toy_activations

BLOCK = 50
"""Steps whose batches are drawn at once."""
INIT_NORM = 0.5
"""Norm of every decoder row at the start; the encoder is its transpose."""


def train_toys(
    recipes: Sequence[Any], *, advance: Callable[[int], None]
) -> list[dict[str, Tensor]]:
    """Trained toy SAEs: the weights of `recipes` (ToyRecipe), which are `alike`;
    `advance` counts steps times runs.

    Adam, the learning rate falls to 0 over the last share `decay` of the steps. Each
    run has its own directions, initialisation and rows, all drawn from its seed alone,
    so a run does not depend on its company (up to rounding).
    """
    one = recipes[0]
    world = torch.stack(
        [directions(recipe.toy, seed=recipe.seed) for recipe in recipes]
    )
    weights = initial_toys(recipes)
    if one.variant == "tied":
        del weights["W_enc"]
    penalty = torch.tensor([float(recipe.penalty) for recipe in recipes])
    free = [value for value in weights.values() if value.requires_grad]
    optimiser = torch.optim.Adam(free, lr=one.lr, fused=True)
    level = torch.zeros(len(recipes))
    for step, (active, share) in enumerate(toy_batches(recipes)):
        optimiser.param_groups[0]["lr"] = one.lr * min(
            1.0, (one.steps - step) / max(1, one.decay * one.steps)
        )
        loss, cut = toy_objective(one, weights, world, penalty, active, share)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        level = level + (cut - level) / (step + 1 if step < 100 else 100)
        if step % BLOCK == BLOCK - 1:
            advance(BLOCK * len(recipes))
    return finished(one, weights, level)


def initial_toys(recipes: Sequence[Any]) -> dict[str, Tensor]:
    """Initial weights: random directions of norm 0.5 for decoder and encoder, biases at
    0 and `bias_start`.
    """
    one = recipes[0]
    drawn = []
    for recipe in recipes:
        generator = Generator().manual_seed(
            stable_seed("toy initialisation", recipe.seed)
        )
        rows = torch.randn(one.width, one.toy.d_model, generator=generator)
        drawn.append(INIT_NORM * rows / rows.norm(dim=1, keepdim=True))
    decoder = torch.stack(drawn)
    start = {
        "W_dec": decoder,
        "W_enc": decoder.clone(),
        "b_enc": torch.full(
            (len(recipes), one.width), float(one.bias_start) if one.biases else 0.0
        ),
        "b_dec": torch.zeros(len(recipes), one.toy.d_model),
    }
    return {
        name: value.requires_grad_(one.biases or not name.startswith("b_"))
        for name, value in start.items()
    }


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
        (products * gram * kept).sum() for kept in _nested(one, terms.shape[2])
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


def toy_batches(
    recipes: Sequence[Any],
) -> Iterator[tuple[Float[Tensor, "#run row feature"], Float[Tensor, "run row"]]]:
    """Per step the rows of every run, as features, and the share of the batch that each
    stands for.
    """
    one = recipes[0]
    if one.counted:
        yield from _counts(recipes)
        return
    even = torch.full((len(recipes), one.batch), 1 / one.batch)
    streams = [Generator().manual_seed(_rows_seed(recipe)) for recipe in recipes]
    for start in range(0, one.steps, BLOCK):
        steps = min(BLOCK, one.steps - start)
        drawn = torch.stack([
            toy_activations(recipe.toy, steps * one.batch, generator=stream)
            for recipe, stream in zip(recipes, streams, strict=True)
        ])  # fmt: skip
        for active in drawn.split(one.batch, dim=1):
            yield active, even


def _counts(recipes: Sequence[Any]) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches as counts of the patterns; runs with the same world and seed share
    them.
    """
    one = recipes[0]
    same = list(dict.fromkeys((recipe.toy, recipe.seed) for recipe in recipes))
    place = torch.tensor([same.index((recipe.toy, recipe.seed)) for recipe in recipes])
    tables = [patterns(toy).probability.numpy() for toy, _ in same]
    streams = [
        np.random.default_rng(_rows_seed(recipes[int((place == i).nonzero()[0])]))
        for i in range(len(same))
    ]
    active = torch.stack([patterns(toy).active for toy, _ in same])
    active = active[:1] if bool((active == active[0]).all()) else active[place]
    for start in range(0, one.steps, BLOCK):
        steps = min(BLOCK, one.steps - start)
        counts = np.stack([
            stream.multinomial(one.batch, chance / chance.sum(), size=steps)
            for chance, stream in zip(tables, streams, strict=True)
        ])  # fmt: skip
        for share in torch.from_numpy(counts).float().div_(one.batch).unbind(1):
            yield active, share[place]


def _rows_seed(recipe: Any) -> int:
    return stable_seed("toy rows", recipe.seed)


def _nested(one: Any, size: int) -> list[Float[Tensor, "term term"]]:
    """For every nested width, which terms take part: its latents, all features, and the
    bias.
    """
    kept = torch.ones(len(one.prefixes), size)
    for row, prefix in zip(kept, one.prefixes, strict=True):
        row[prefix : one.width] = 0
    return [row[:, None] * row for row in kept]


def finished(
    one: Any, weights: dict[str, Tensor], level: Float[Tensor, " run"]
) -> list[dict[str, Tensor]]:
    """The weights of each run, named as in SAELens; BatchTopK's mean threshold becomes
    JumpReLU's.
    """
    weights = {name: value.detach() for name, value in weights.items()}
    decoder = weights["W_dec"]
    stacked = {
        "W_dec": decoder,
        "W_enc": weights.get("W_enc", decoder).mT,
        "b_enc": weights["b_enc"],
        "b_dec": weights["b_dec"],
    }
    if one.variant == "batchtopk":
        stacked["threshold"] = level[:, None] / decoder.norm(dim=2).clamp(min=1e-6)
    return [
        {name: value[run].clone().contiguous() for name, value in stacked.items()}
        for run in range(len(decoder))
    ]
