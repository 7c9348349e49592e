"""Meta-SAEs, opened with what they learned from."""

import pytest
import torch

from saecore.claims.non_atomicity.meta_saes import of_model
from saecore.measures.algebra import intervals
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo


def test_meta_saes_of_names_are_opened_only_where_they_are_asked_for(model, claim):
    assert model.grid.names == []
    named = of_model(PlantedZoo(), PROFILE, claim, names=True)
    assert set(named.grid.names) <= set(named.metas)


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
