"""Training of toy SAEs: many runs of one shape as one computation.

Two things make it cheap. A toy world has few different rows, so a batch of 1,024 rows
is a count of each pattern, and the loss on the counts *is* the loss on the batch. And
with C = [latents, -activations, 1] per row and M = [decoder; directions; decoder bias],
every error is a row of C M, so that

    mean squared error = sum over i, j of (C^T diag(weight) C)_ij (M M^T)_ij

needs no row in R^d_model at all. Worlds with varying magnitudes, and BatchTopK (which
ranks the rows of a batch among each other), are drawn row by row; the loss is the same.
Steps are compiled where numba works, else autograd's.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.compiled import availability
from saecore.seeding import stable_seed
from saecore.source.worlds.toys import directions
from saecore.training.toys.batches import BLOCK, toy_batches
from saecore.training.toys.compiled_toys import compiled_toys
from saecore.training.toys.objective import level_after, toy_objective

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
    world = torch.stack(
        [directions(recipe.toy, seed=recipe.seed) for recipe in recipes]
    )
    weights = initial_toys(recipes)
    if recipes[0].variant == "tied":
        del weights["W_enc"]
    steps = compiled_toys if availability.available() else by_autograd
    level = steps(recipes, weights, world, advance)
    return finished(recipes[0], weights, level)


def by_autograd(
    recipes: Sequence[Any],
    weights: dict[str, Tensor],
    world: Float[Tensor, "run feature d_model"],
    advance: Callable[[int], None],
) -> Float[Tensor, " run"]:
    """All steps, on the weights in place; BatchTopK's thresholds."""
    one, level = recipes[0], torch.zeros(len(recipes))
    penalty = torch.tensor([float(recipe.penalty) for recipe in recipes])
    free = [value for value in weights.values() if value.requires_grad]
    optimiser = torch.optim.Adam(free, lr=one.lr, fused=True)
    for step, (active, share) in enumerate(toy_batches(recipes)):
        optimiser.param_groups[0]["lr"] = one.rate(step)
        loss, cut = toy_objective(one, weights, world, penalty, active, share)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        level = level_after(level, cut, step)
        if step % BLOCK == BLOCK - 1:
            advance(BLOCK * len(recipes))
    return level


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
