"""Compiled steps of toys: gradients are autograd's, a step is Adam's."""

import dataclasses

import numpy as np
import pytest
import torch

from saecore.compiled import toy_steps
from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds.toys import HIERARCHY, MANY, NOISY, directions
from saecore.source.worlds.trees import Tree
from saecore.training.toys import compiled_toys
from saecore.training.toys.batches import toy_batches
from saecore.training.toys.objective import toy_objective
from saecore.training.toys.toy_trainer import initial_toys

KINDS = [
    ToyRecipe(HIERARCHY, penalty=0.03),
    ToyRecipe(HIERARCHY, "tied", penalty=0.03, biases=False),
    ToyRecipe(HIERARCHY, "matryoshka", penalty=0.03),
    ToyRecipe(Tree(), "matryoshka", width=12, penalty=0.03),
    ToyRecipe(NOISY, penalty=0.03),
    ToyRecipe(MANY, "batchtopk", width=12, penalty=0.0, k=2),
]


@pytest.mark.parametrize("recipe", KINDS, ids=lambda one: one.slug)
def test_gradients_are_those_of_autograd(recipe):
    recipe = dataclasses.replace(recipe, seed=3)
    weights = {name: value.detach() for name, value in initial_toys([recipe]).items()}
    noise = torch.Generator().manual_seed(1)
    for value in weights.values():
        value += 0.1 * torch.randn(value.shape, generator=noise)
    if recipe.variant == "tied":
        del weights["W_enc"]
    world = directions(recipe.toy, seed=recipe.seed)[None]
    active, share = next(toy_batches([recipe]))
    found = compiled_toys._weights(weights, world, 0)
    run = compiled_toys._Run(recipe, found)
    room = compiled_toys._room(active.shape[1], len(found[0]), recipe.width)
    kept, penalty, count = run.how[:3]
    batch = active[0].numpy(), share[0].numpy(), kept, penalty, count
    cut = toy_steps.toy_gradients(*batch, found, run.state[1], room)
    for value in weights.values():
        value.requires_grad_()
    penalty = torch.tensor([recipe.penalty])
    loss, least = toy_objective(recipe, weights, world, penalty, active, share)
    loss.backward()
    assert cut == pytest.approx(float(least), rel=1e-5)
    table, encoder, b_enc = map(torch.from_numpy, run.state[1])
    decoder = table[: recipe.width] + (encoder if recipe.variant == "tied" else 0)
    mine = {"W_dec": decoder, "W_enc": encoder, "b_enc": b_enc, "b_dec": table[-1]}
    for name, value in weights.items():
        assert value.grad is not None
        torch.testing.assert_close(mine[name], value.grad[0], atol=1e-6, rtol=1e-4)


def test_a_step_is_that_of_adam():
    drawn = torch.Generator().manual_seed(2)
    start, *slopes = torch.randn(4, 9, generator=drawn)
    theirs = start.clone().requires_grad_()
    adam = torch.optim.Adam([theirs], lr=0.01)
    mine, first, second = start.numpy().copy(), *np.zeros((2, 9), np.float32)
    for step, slope in enumerate(slopes, 1):
        theirs.grad = slope.clone()
        adam.step()
        size = np.float32(0.01 / (1 - 0.9**step))
        root = np.float32(1 / np.sqrt(1 - 0.999**step))
        toy_steps.adam(mine, slope.numpy(), first, second, size, root)
    torch.testing.assert_close(torch.from_numpy(mine), theirs.detach())


def test_a_pattern_that_no_row_has_changes_nothing():
    terms = np.array([[1, -1, 1], [5, -2, 1]], np.float32)
    out = np.empty((3, 3), np.float32)
    toy_steps.products(terms, np.array([1, 0], np.float32), out)
    assert out.tolist() == [[1, -1, 1], [-1, 1, -1], [1, -1, 1]]


@pytest.mark.parametrize(
    ("count", "kept"), [(2, [5, 4]), (3, [5, 4, 3]), (9, [5, 4, 3, 1])]
)
def test_the_largest_of_a_batch_stay(count, kept):
    terms = np.array([[5, 1, -7], [0, 2, -7], [3, 0, -7]], np.float32)
    norm, room = np.array([1, 2], np.float32), np.empty(7, np.float32)
    terms[0, 1] /= 2
    least = toy_steps.keep_of_batch(terms, norm, count, room)
    left = sorted((terms[:, :2] * norm)[terms[:, :2] > 0].tolist(), reverse=True)
    assert left == kept
    assert least == (kept[-1] if count <= 4 else 0)
    assert (terms[:, 2] == -7).all()
