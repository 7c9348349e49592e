"""The loss of toys without rows is the plain one, row by row."""

import dataclasses

import pytest
import torch

from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds import toys as worlds
from saecore.source.worlds.toys import HIERARCHY, MANY, NOISY
from saecore.training.toys import batches, objective, toy_trainer
from tests.quick_toys import BATCHTOPK


def naive(recipe, weights, run, world, rows, share) -> float:
    """The loss of one run, row by row in float64."""
    w = {name: value[run].detach().double() for name, value in weights.items()}
    encoder = w.get("W_enc", w["W_dec"])
    x = rows.double() @ world[run].double()
    latents = ((x - w["b_dec"]) @ encoder.T + w["b_enc"]).relu()
    norm = w["W_dec"].norm(dim=1)
    if recipe.variant == "batchtopk":
        order = (latents * norm).flatten().argsort(descending=True)
        kept = torch.zeros(latents.numel(), dtype=torch.bool)
        kept[order[: int(recipe.k * len(x))]] = True
        latents = latents * kept.view_as(latents)
    total = 0.0
    for prefix in recipe.prefixes:
        rebuilt = latents[:, :prefix] @ w["W_dec"][:prefix] + w["b_dec"]
        total += float(share.double() @ (rebuilt - x).square().sum(1)) / len(
            recipe.prefixes
        )
    return total + recipe.penalty * float(share.double() @ (latents @ norm))


@pytest.mark.parametrize(
    "recipe",
    [
        ToyRecipe(HIERARCHY, penalty=0.03),
        ToyRecipe(HIERARCHY, "tied", penalty=0.03),
        ToyRecipe(HIERARCHY, "matryoshka", penalty=0.03),
        ToyRecipe(NOISY, penalty=0.03),
        ToyRecipe(MANY, **BATCHTOPK),
    ],
    ids=lambda recipe: recipe.slug,
)
def test_the_loss_without_rows_is_the_loss_on_the_rows(recipe):
    runs = [dataclasses.replace(recipe, seed=seed, batch=64) for seed in range(3)]
    weights = toy_trainer.initial_toys(runs)
    with torch.no_grad():
        for value in weights.values():
            value += 0.1 * torch.randn(
                value.shape, generator=torch.Generator().manual_seed(7)
            )
    if recipe.variant == "tied":
        del weights["W_enc"]
    world = torch.stack([worlds.directions(run.toy, seed=run.seed) for run in runs])
    active, share = next(batches.toy_batches(runs))
    penalty = torch.full((3,), float(recipe.penalty))
    loss, _ = objective.toy_objective(recipe, weights, world, penalty, active, share)
    rows = active.expand(3, -1, -1)
    want = sum(
        naive(recipe, weights, run, world, rows[run], share[run]) for run in range(3)
    )
    assert float(loss.detach()) == pytest.approx(want, rel=1e-5)
