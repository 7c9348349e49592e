"""Toy SAEs: the cheap loss is the plain one, no run depends on its company, and the zoo keeps them."""

import dataclasses
from typing import Any

import pytest
import torch

from saecore.recipes import keys
from saecore.recipes.toys import ToyRecipe
from saecore.source import toys as worlds
from saecore.source.toys import HIERARCHY, INDEPENDENT, MANY, NOISY, Toy
from saecore.training import toy_trainer
from saecore.zoo.artefact import folder_of
from saecore.zoo.store import Zoo
from saecore.zoo.toy_grid import toy_grid

QUICK: dict[str, Any] = {"steps": 40, "batch": 64}
BATCHTOPK: dict[str, Any] = {"variant": "batchtopk", "width": 12, "penalty": 0.0, "k": 2}


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
        total += float(share.double() @ (rebuilt - x).square().sum(1)) / len(recipe.prefixes)
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
    weights = toy_trainer.initial(runs)
    with torch.no_grad():
        for value in weights.values():
            value += 0.1 * torch.randn(value.shape, generator=torch.Generator().manual_seed(7))
    if recipe.variant == "tied":
        del weights["W_enc"]
    world = torch.stack([worlds.directions(run.toy, seed=run.seed) for run in runs])
    active, share = next(toy_trainer.batches(runs))
    penalty = torch.full((3,), float(recipe.penalty))
    loss, _ = toy_trainer.objective(recipe, weights, world, penalty, active, share)
    rows = active.expand(3, -1, -1)
    want = sum(naive(recipe, weights, run, world, rows[run], share[run]) for run in range(3))
    assert float(loss.detach()) == pytest.approx(want, rel=1e-5)


def test_counts_are_batches_of_whole_rows_that_follow_the_table():
    runs = [ToyRecipe(HIERARCHY, seed=seed, penalty=p, steps=400) for seed in (0, 1) for p in (0.01, 0.1)]
    shares = torch.stack([share for _, share in toy_trainer.batches(runs)])
    counts = shares * 1024
    torch.testing.assert_close(counts, counts.round(), atol=1e-3, rtol=0)
    torch.testing.assert_close(shares.sum(2), torch.ones(400, 4))
    expected = worlds.table(HIERARCHY).probability.float()
    torch.testing.assert_close(shares.mean(0), expected.expand(4, -1), atol=3e-3, rtol=0)
    torch.testing.assert_close(shares[:, 0], shares[:, 1], atol=0, rtol=0)
    assert not torch.equal(shares[:, 0], shares[:, 2])


@pytest.mark.parametrize(
    "recipe", [ToyRecipe(HIERARCHY, **QUICK), ToyRecipe(MANY, **BATCHTOPK, **QUICK)], ids=lambda r: r.slug
)
def test_a_run_does_not_depend_on_its_company(recipe):
    company = [dataclasses.replace(recipe, seed=seed) for seed in (3, 5, 9)]
    alone = toy_trainer.train([company[1]], advance=lambda steps: None)[0]
    among = toy_trainer.train(company, advance=lambda steps: None)[1]
    for name, weight in alone.items():
        torch.testing.assert_close(weight, among[name], atol=1e-5, rtol=1e-4)


def test_a_child_that_implies_its_parent_absorbs_it_and_independent_features_come_back():
    short: dict[str, Any] = {"steps": 1500, "lr": 5e-3, "penalty": 0.03}
    runs = [ToyRecipe(toy, seed=seed, **short) for toy in (HIERARCHY, INDEPENDENT) for seed in range(4)]
    trained = toy_trainer.train(runs, advance=lambda steps: None)
    mixed = []
    for run, weights in zip(runs, trained, strict=True):
        truth = worlds.directions(run.toy, seed=run.seed)
        cosine = torch.nn.functional.normalize(weights["W_dec"], dim=1) @ truth.T
        child = cosine[:, 1].argmax()
        mixed.append(float(cosine[child, 0]))
    assert sorted(mixed[:4])[1] > 0.6
    assert sorted(mixed[4:])[2] < 0.1


def test_the_batchtopk_threshold_keeps_as_many_latents_as_training_did(tmp_path):
    recipe = ToyRecipe(MANY, **BATCHTOPK, steps=60, batch=256, lr=1e-6)
    sae = Zoo(tmp_path).get(recipe)
    rows = worlds.activations(MANY, 4000, generator=torch.Generator().manual_seed(1))
    latents = sae.encode(rows @ worlds.directions(MANY, seed=0))
    assert float((latents > 0).float().sum(1).mean()) == pytest.approx(2, rel=0.05)


def test_the_zoo_trains_what_is_missing_and_reads_back_what_it_has(tmp_path, monkeypatch):
    zoo, asked = Zoo(tmp_path), [ToyRecipe(HIERARCHY, seed=seed, **QUICK) for seed in range(3)]
    first = zoo.get_all(asked)
    assert list(first) == asked
    assert {folder_of(tmp_path, one).parent.name for one in asked} == {"toys"}
    monkeypatch.setattr("saecore.zoo.toys.train", lambda *a, **k: pytest.fail("it was there"))
    again = zoo.get_all(asked)
    for one in asked:
        torch.testing.assert_close(first[one].W_dec, again[one].W_dec, atol=0, rtol=0)
        assert again[one].log["seconds"] >= 0
    assert {held.recipe for held in zoo.list()} == set(asked)


def test_a_damaged_toy_is_made_again_as_it_was(tmp_path):
    zoo, one = Zoo(tmp_path), ToyRecipe(HIERARCHY, **QUICK)
    before = zoo.get(one).W_dec
    (folder_of(tmp_path, one) / "sae_weights.safetensors").write_bytes(b"gone")
    torch.testing.assert_close(zoo.get(one).W_dec, before, atol=0, rtol=0)


def test_tied_encoders_are_the_decoder_and_no_biases_means_none(tmp_path):
    tied = ToyRecipe(HIERARCHY, "tied", biases=False, **QUICK)
    sae = Zoo(tmp_path).get(tied)
    torch.testing.assert_close(sae.W_enc, sae.W_dec.T, atol=0, rtol=0)
    assert not sae.b_enc.any()
    assert not sae.b_dec.any()


def test_a_recipe_survives_its_description_and_every_field_counts():
    one = ToyRecipe(Toy(given_parent=0.19), seed=4)
    assert keys.restored(keys.canonical(one)) == one
    other = dataclasses.replace(one, toy=Toy(given_parent=0.2))
    assert keys.key(one) != keys.key(other)
    assert one.folder == "toys"


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"penalty": 0.0},
        {"k": 2},
        {"variant": "batchtopk"},
        {"variant": "batchtopk", "penalty": 0.0, "k": 9},
    ],
)
def test_a_recipe_that_cannot_be_trained_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must|one of|either"):
        ToyRecipe(HIERARCHY, **wrong)


def test_the_grid_gives_each_world_seed_seeds_of_its_own():
    first, second = toy_grid(), toy_grid(world_seed=1)
    assert {one.seed for one in first.recipes()}.isdisjoint({one.seed for one in second.recipes()})
    assert len(first.recipes()) == len(second.recipes()) == len(set(first.recipes()))
    assert first.alone[0.05, 0.01] == first.graded[0.01][:3]
