"""Toys whose batches are counts, by compiled steps: one run after the other, so that
none depends on its company.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from saecore.training.toys.batches import count_blocks, counted_patterns
from saecore.training.toys.objective import nested_terms

_Weights = tuple[np.ndarray, np.ndarray, np.ndarray]
"""M = [decoder; directions; decoder bias], encoder [latent, d_model], its bias."""


def compiled_toys(
    recipes: Sequence[Any],
    weights: dict[str, Tensor],
    world: Float[Tensor, "run feature d_model"],
    advance: Callable[[int], None],
) -> Float[Tensor, " run"]:
    """All steps of counted runs, on the weights in place; the thresholds that these
    have none of.
    """
    from saecore.compiled.toy_steps import train_steps

    patterns, place = counted_patterns(recipes)
    each = [_weights(weights, world, run) for run in range(len(recipes))]
    rows = [one.numpy() for one in patterns[place]]
    states = [_state(one, active) for one, active in zip(each, rows, strict=True)]
    kept = torch.stack(nested_terms(recipes[0], len(each[0][0]))).mean(0)
    one, begun = recipes[0], 0
    for block in count_blocks(recipes):
        rates = np.array([one.rate(begun + step) for step in range(block.shape[1])])
        how = rates, begun, one.variant == "tied", one.biases
        for run, recipe in enumerate(recipes):
            batches = rows[run], block[place[run]].numpy(), kept.numpy()
            train_steps(*batches, np.float32(recipe.penalty), *how, states[run])
        begun += block.shape[1]
        advance(block.shape[1] * len(recipes))
    for run, found in enumerate(each):
        _put(weights, run, found)
    return torch.zeros(len(recipes))


def _weights(weights: dict[str, Tensor], world: Tensor, run: int) -> _Weights:
    decoder, b_dec = weights["W_dec"][run], weights["b_dec"][run, None]
    table = torch.cat([decoder, world[run], b_dec])
    encoder = weights.get("W_enc", weights["W_dec"])[run]
    own = table, encoder, weights["b_enc"][run]
    one, two, three = (value.detach().clone().numpy() for value in own)
    return one, two, three


def _state(weights: _Weights, active: np.ndarray) -> tuple[Any, ...]:
    """Weights, gradients, Adam's two moments, and room to work."""
    terms, width = len(weights[0]), len(weights[1])
    shapes = (
        (terms, terms),
        (terms, terms),
        (terms, width),
        (len(active), width),
        width,
        width,
    )
    table = np.ones((len(active), terms), np.float32)
    table[:, width:-1] = -active
    room = table, *(np.empty(shape, np.float32) for shape in shapes)
    zeros = [tuple(np.zeros_like(one) for one in weights) for _ in range(3)]
    return weights, *zeros, room


def _put(weights: dict[str, Tensor], run: int, found: _Weights) -> None:
    table, encoder, b_enc = map(torch.from_numpy, found)
    own = {"W_dec": table[: len(encoder)], "W_enc": encoder}
    own |= {"b_enc": b_enc, "b_dec": table[-1]}
    with torch.no_grad():
        for name, value in weights.items():
            value[run] = own[name]
