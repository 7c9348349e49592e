"""Meta-SAEs, opened with what they learned from."""

import pytest
import torch

from saecore.claims.non_atomicity.meta_saes import exactly, of_names
from saecore.measures.algebra import intervals
from saecore.zoo.sae import SAE
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo


def test_meta_saes_of_names_are_opened_only_where_they_are_asked_for(model, claim):
    assert model.grid.names == []
    named = of_names(PlantedZoo(), PROFILE, claim)
    assert set(named.metas) == {*named.grid.names, *named.grid.base}


def test_a_meta_sae_is_read_at_exactly_k_whatever_its_threshold(model):
    meta = model.metas[model.grid.base[0]]
    cfg = {**meta.cfg, "architecture": "jumprelu"}
    weights = meta.weights | {"threshold": torch.full((meta.width,), 0.5)}
    found = exactly(SAE(cfg, weights, {"l0": 3}), 2)
    x = torch.randn(40, meta.d_model, generator=torch.Generator().manual_seed(0))
    active = found.encode(x)
    assert int((active > 0).sum(1).max()) == 2
    pre = (x - meta.b_dec) @ meta.W_enc + meta.b_enc
    torch.testing.assert_close(active.amax(1), pre.amax(1).relu())
    assert found.log == {"l0": 3}


def test_rows_of_latents_that_never_fire_are_left_out(model):
    recipe = model.grid.base[0]
    live = model.firing(recipe.sae)
    rows, train, held = model.rows(recipe)
    assert sorted([*train.tolist(), *held.tolist()]) == live.nonzero()[:, 0].tolist()
    assert len(rows) == recipe.sae.width


def test_the_strongest_null_is_beside_and_one_seed_has_no_interval(model):
    found = model.beside([0.5, 0.6, 0.7], {"a": [0.1] * 3, "b": [0.2, 0.3, 0.1]})
    assert found.name == "b"
    assert found.excess == model.over_seeds([0.3, 0.3, 0.6])
    assert model.over_few([0.4]).triple == (0.4, 0.4, 0.4)


def test_uses_are_the_activations_on_the_decoder_rows(model):
    recipe = model.grid.base[0]
    uses = model.uses(recipe)
    assert uses.shape == (recipe.sae.width, recipe.width)
    assert int((uses != 0).sum(1).max()) <= model.k
    rows = model.rows(recipe).rows
    torch.testing.assert_close(uses, model.metas[recipe].encode(rows))


def test_the_narrow_sae_is_that_of_the_same_seed(model):
    for recipe in model.grid.base:
        sae = model.saes[model.small[64][recipe.sae.seed]]
        torch.testing.assert_close(model.narrow(recipe, 64), sae.W_dec)
        assert len(model.narrow(recipe)) == min(model.small)


def test_intervals_have_the_confidence_of_the_rule(model):
    values = [0.1, 0.2, 0.4]
    assert model.over_seeds(values) == intervals.over_seeds(values, level=0.95)
    narrow = model._replace(claim=model.claim.moved(confidence=0.5))
    assert narrow.over_seeds(values) == intervals.over_seeds(values, level=0.5)


def test_recipes_of_an_architecture_are_those_of_the_base_width(model):
    assert model.of("relu") == model.grid.base
    assert {one.width for one in model.of("topk")} == {model.grid.base[0].width}
    with pytest.raises(KeyError):
        model.of("gated")
