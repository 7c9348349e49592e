"""How an SAE begins, and how many are stacked."""

import dataclasses

import pytest
import torch

from saecore.recipes.sae import SAERecipe
from saecore.seeding import stable_seed
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.training.initial import initial, stackable


def test_the_initialisation_knows_seed_width_and_architecture_and_nothing_else(
    recipe,
) -> None:
    start = initial(recipe, 0, 32)["W_dec"]
    other = dataclasses.replace(
        recipe, site=Site(World(d_model=32, seed=9), sample=1), data_seed=4, rows=10**5
    )
    assert torch.equal(start, initial(other, 0, 32)["W_dec"])
    wider = initial(dataclasses.replace(recipe, width=128), 0, 32)["W_dec"]
    for different in (
        initial(recipe, 1, 32)["W_dec"],
        wider,
        initial(recipe.sweep(architecture=["relu"])[0], 0, 32)["W_dec"],
    ):
        assert (
            float((start @ different.T).abs().max()) < 0.9
        )  # no direction of one is one of the other


def test_no_initialisation_starts_on_the_directions_that_the_same_seed_draws(
    recipe,
) -> None:
    for seed in range(3):
        truth = torch.randn(64, 32, generator=torch.Generator().manual_seed(seed))
        truth /= truth.norm(dim=1, keepdim=True)
        assert float((initial(recipe, seed, 32)["W_dec"] @ truth.T).abs().max()) < 0.9


def test_only_small_saes_are_stacked(recipe) -> None:
    site = recipe.site
    assert stackable(SAERecipe(site, "topk", 64, 4), 64) > 1
    assert stackable(SAERecipe(site, "topk", 2560, 4), 160) == 1
    assert stackable(SAERecipe(site, "relu", 64, 4), 64) == 1
    assert stackable(SAERecipe(site, "topk", 64, 4), 63) == 1


@pytest.mark.parametrize("d_model", [3, 16, 20])
@pytest.mark.parametrize("width", [1, 7, 61, 8191, 8193])
def test_shards_of_an_initialisation_are_parts_of_the_whole(recipe, width, d_model):
    wide = dataclasses.replace(recipe, width=width, k=1)
    fresh = torch.Generator().manual_seed(
        stable_seed("init", 3, "topk", width, d_model)
    )
    at_once = torch.randn(width, d_model, generator=fresh)
    at_once /= at_once.norm(dim=1, keepdim=True)
    whole = initial(wide, 3, d_model)
    assert torch.equal(whole["W_dec"], at_once)
    for i in range(3):
        part = slice(width * i // 3, width * (i + 1) // 3)
        for name, weight in initial(wide, 3, d_model, part).items():
            assert torch.equal(
                weight, whole[name] if name == "b_dec" else whole[name][part]
            )
