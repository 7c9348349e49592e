"""Toy SAEs in the zoo: trained together, kept one by one."""

import dataclasses

import pytest
import torch

from saecore.claims.absorption_toys.grid import toy_grid
from saecore.compiled import availability
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds import toys as worlds
from saecore.source.worlds.toys import HIERARCHY, MANY
from saecore.zoo import toys
from saecore.zoo.artefact import folder_of
from saecore.zoo.store import Zoo
from tests.quick_toys import BATCHTOPK, QUICK


def test_the_batchtopk_threshold_keeps_as_many_latents_as_training_did(tmp_path):
    recipe = ToyRecipe(MANY, **BATCHTOPK, steps=60, batch=256, lr=1e-6)
    sae = Zoo(tmp_path).get(recipe)
    rows = worlds.toy_activations(
        MANY, 4000, generator=torch.Generator().manual_seed(1)
    )
    latents = sae.encode(rows @ worlds.directions(MANY, seed=0))
    assert float((latents > 0).float().sum(1).mean()) == pytest.approx(2, rel=0.05)


def test_the_zoo_trains_what_is_missing_and_reads_back_what_it_has(
    tmp_path, monkeypatch
):
    zoo, asked = (
        Zoo(tmp_path),
        [ToyRecipe(HIERARCHY, seed=seed, **QUICK) for seed in range(3)],
    )
    first = zoo.get_all(asked)
    assert list(first) == asked
    assert {folder_of(tmp_path, one).parent.name for one in asked} == {"toys"}
    monkeypatch.setattr(
        "saecore.zoo.toys.train_toys", lambda *a, **k: pytest.fail("it was there")
    )
    again = zoo.get_all(asked)
    for one in asked:
        torch.testing.assert_close(first[one].W_dec, again[one].W_dec, atol=0, rtol=0)
        assert again[one].log["seconds"] >= 0
    assert {held.recipe for held in zoo.list()} == set(asked)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("variant", "more"),
    [("relu", {}), ("tied", {}), ("batchtopk", {"k": 2.0, "penalty": 0.0})],
)
def test_a_toy_does_not_depend_on_those_that_are_made_with_it(
    tmp_path, monkeypatch, variant, more, compiled
):
    monkeypatch.setattr(availability, "available", lambda: compiled)
    asked = [
        ToyRecipe(HIERARCHY, variant=variant, seed=seed, **(QUICK | more))
        for seed in range(3)
    ]
    together = Zoo(tmp_path / "together").get_all(asked)
    for one in asked:
        alone = Zoo(tmp_path / "alone").get(one)
        for name, weight in together[one].weights.items():
            assert torch.equal(weight, alone.weights[name])


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


def test_the_grid_gives_each_world_seed_seeds_of_its_own():
    first, second = toy_grid(), toy_grid(world_seed=1)
    assert {one.seed for one in first.recipes()}.isdisjoint(
        {one.seed for one in second.recipes()}
    )
    assert len(first.recipes()) == len(second.recipes()) == len(set(first.recipes()))
    assert first.alone[0.05, 0.01] == first.graded[0.01][:3]


def test_toys_that_are_alike_share_one_lock_and_no_others(zoo):
    one = ToyRecipe(HIERARCHY, **QUICK)
    alike = dataclasses.replace(one, seed=3, penalty=0.1)
    assert (
        toys.lock(one)
        == toys.lock(alike)
        != toys.lock(dataclasses.replace(one, width=5))
    )
    zoo.get_all([one, alike])
    locks = [path.name for path in (zoo.root / "toys" / ".locks").iterdir()]
    assert locks == [f"{toys.lock(one)}.lock"]


def test_toys_saes_and_metas_are_asked_for_in_one_call(zoo, recipe):
    quick = dataclasses.replace(recipe, rows=20 * 256)
    meta = MetaRecipe(quick, 12, k=2, epochs=60, batch=32)
    found = zoo.get_all([ToyRecipe(HIERARCHY, **QUICK), meta])
    assert [sae.width for sae in found.values()] == [4, 12]
    assert {held.kind for held in zoo.list()} == {"rows", "saes", "metas", "toys"}
