"""Training of toys: the cheap loss is the plain one, and no run depends on its
company.
"""

import dataclasses
from typing import Any

import pytest
import torch

from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds import toys as worlds
from saecore.source.worlds.toys import HIERARCHY, INDEPENDENT, MANY, NOISY
from saecore.training import toy_trainer

QUICK: dict[str, Any] = {"steps": 40, "batch": 64}
BATCHTOPK: dict[str, Any] = {
    "variant": "batchtopk",
    "width": 12,
    "penalty": 0.0,
    "k": 2,
}


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
    active, share = next(toy_trainer.toy_batches(runs))
    penalty = torch.full((3,), float(recipe.penalty))
    loss, _ = toy_trainer.toy_objective(recipe, weights, world, penalty, active, share)
    rows = active.expand(3, -1, -1)
    want = sum(
        naive(recipe, weights, run, world, rows[run], share[run]) for run in range(3)
    )
    assert float(loss.detach()) == pytest.approx(want, rel=1e-5)


def test_counts_are_batches_of_whole_rows_that_follow_the_table():
    runs = [
        ToyRecipe(HIERARCHY, seed=seed, penalty=p, steps=400)
        for seed in (0, 1)
        for p in (0.01, 0.1)
    ]
    shares = torch.stack([share for _, share in toy_trainer.toy_batches(runs)])
    counts = shares * 1024
    torch.testing.assert_close(counts, counts.round(), atol=1e-3, rtol=0)
    torch.testing.assert_close(shares.sum(2), torch.ones(400, 4))
    expected = worlds.patterns(HIERARCHY).probability.float()
    torch.testing.assert_close(
        shares.mean(0), expected.expand(4, -1), atol=3e-3, rtol=0
    )
    torch.testing.assert_close(shares[:, 0], shares[:, 1], atol=0, rtol=0)
    assert not torch.equal(shares[:, 0], shares[:, 2])


@pytest.mark.parametrize(
    "recipe",
    [ToyRecipe(HIERARCHY, **QUICK), ToyRecipe(MANY, **BATCHTOPK, **QUICK)],
    ids=lambda r: r.slug,
)
def test_a_run_does_not_depend_on_its_company(recipe):
    company = [dataclasses.replace(recipe, seed=seed) for seed in (3, 5, 9)]
    alone = toy_trainer.train_toys([company[1]], advance=lambda steps: None)[0]
    among = toy_trainer.train_toys(company, advance=lambda steps: None)[1]
    for name, weight in alone.items():
        torch.testing.assert_close(weight, among[name], atol=1e-5, rtol=1e-4)


def test_a_child_that_implies_its_parent_absorbs_it_and_independent_features_come_back():
    short: dict[str, Any] = {"steps": 1500, "lr": 5e-3, "penalty": 0.03}
    runs = [
        ToyRecipe(toy, seed=seed, **short)
        for toy in (HIERARCHY, INDEPENDENT)
        for seed in range(4)
    ]
    trained = toy_trainer.train_toys(runs, advance=lambda steps: None)
    mixed = []
    for run, weights in zip(runs, trained, strict=True):
        truth = worlds.directions(run.toy, seed=run.seed)
        cosine = torch.nn.functional.normalize(weights["W_dec"], dim=1) @ truth.T
        child = cosine[:, 1].argmax()
        mixed.append(float(cosine[child, 0]))
    assert sorted(mixed[:4])[1] > 0.6
    assert sorted(mixed[4:])[2] < 0.1
