"""Toys by compiled steps: one run after the other, none depends on its company."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from saecore.training.toys.batches import batch_blocks
from saecore.training.toys.objective import level_after, nested_terms

_Weights = tuple[np.ndarray, np.ndarray, np.ndarray]
"""M = [decoder; directions; decoder bias], encoder [latent, d_model], its bias."""


def compiled_toys(
    recipes: Sequence[Any],
    weights: dict[str, Tensor],
    world: Float[Tensor, "run feature d_model"],
    advance: Callable[[int], None],
) -> Float[Tensor, " run"]:
    """All steps, on the weights in place; BatchTopK's thresholds."""
    runs = [
        _Run(recipe, _weights(weights, world, run))
        for run, recipe in enumerate(recipes)
    ]
    for block in batch_blocks(recipes):
        for run, one in enumerate(runs):
            one.advance(block.active[block.place[run]], block.share[block.place[run]])
        advance(block.steps * len(recipes))
    for run, one in enumerate(runs):
        _put(weights, run, one.weights)
    return torch.tensor([one.level for one in runs])


class _Run:
    """One toy on its way."""

    def __init__(self, recipe: Any, weights: _Weights) -> None:
        self.recipe, self.weights = recipe, weights
        self.begun, self.level = 0, 0.0
        zeros = [tuple(np.zeros_like(one) for one in weights) for _ in range(3)]
        self.state = (weights, *zeros)
        self.room: tuple[np.ndarray, ...] = ()
        kept = torch.stack(nested_terms(recipe, len(weights[0]))).mean(0).numpy()
        count = int(recipe.k * recipe.batch) if recipe.variant == "batchtopk" else 0
        kind = recipe.variant == "tied", recipe.biases
        self.how = kept, np.float32(recipe.penalty), count, *kind

    def advance(
        self,
        active: Float[Tensor, "#step row feature"],
        share: Float[Tensor, "#step row"],
    ) -> None:
        """The steps of a block."""
        from saecore.compiled.toy_steps import train_steps

        one, steps = self.recipe, max(len(active), len(share))
        if not self.room:
            self.room = _room(active.shape[1], *map(len, self.weights[:2]))
        rates = np.array([one.rate(self.begun + step) for step in range(steps)])
        cuts, batches = np.empty(steps, np.float32), (active.numpy(), share.numpy())
        state = *self.state, self.room
        train_steps(batches, self.how, rates, self.begun, state, cuts)
        for cut in cuts.tolist():
            self.level = level_after(self.level, cut, self.begun)
            self.begun += 1


def _weights(weights: dict[str, Tensor], world: Tensor, run: int) -> _Weights:
    decoder, b_dec = weights["W_dec"][run], weights["b_dec"][run, None]
    table = torch.cat([decoder, world[run], b_dec])
    encoder = weights.get("W_enc", weights["W_dec"])[run]
    own = table, encoder, weights["b_enc"][run]
    one, two, three = (value.detach().clone().numpy() for value in own)
    return one, two, three


def _room(rows: int, terms: int, width: int) -> tuple[np.ndarray, ...]:
    """Room to work in: terms, products, and what else a step needs."""
    shapes: list[Any] = [(terms, terms), (terms, terms), (terms, width), (rows, width)]
    shapes += [width, width, rows * width + 1]
    ones = np.ones((rows, terms), np.float32)
    return ones, *(np.empty(shape, np.float32) for shape in shapes)


def _put(weights: dict[str, Tensor], run: int, found: _Weights) -> None:
    table, encoder, b_enc = map(torch.from_numpy, found)
    own = {"W_dec": table[: len(encoder)], "W_enc": encoder}
    own |= {"b_enc": b_enc, "b_dec": table[-1]}
    with torch.no_grad():
        for name, value in weights.items():
            value[run] = own[name]
