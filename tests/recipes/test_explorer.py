"""The recipe of an explorer: SAEs of one text, and what they rest on."""

from dataclasses import replace

import pytest

from saecore.recipes.explorer import ExplorerRecipe, latent_cell, shown_name
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import LanguageModel
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.source.worlds.rows import World

TEXT = SampledText(LanguageModel("a model", "ab" * 32), sequences=10, length=5)
SAE = SAERecipe(Site(TEXT, layer=1), "topk", 64, 4)
META = MetaRecipe(SAE, 8)


def test_it_needs_the_saes_the_meta_sae_the_rows_and_the_text():
    recipe = ExplorerRecipe((SAE, replace(SAE, seed=1)), META)
    assert recipe.needs == (*recipe.saes, META, SAE.site, TEXT)
    assert recipe.slug == "2-saes-a_model-layer1"
    assert recipe.cost == 2 * ExplorerRecipe((SAE,), META).cost


def test_every_sae_is_part_of_the_key():
    one, two = ExplorerRecipe((SAE,), META), ExplorerRecipe((SAE, SAE), META)
    assert one.key != two.key


@pytest.mark.parametrize(
    "saes",
    [(), (SAE, replace(SAE, site=Site(TEXT, layer=2))), (replace(SAE, seed=1), SAE)],
)
def test_saes_of_several_sites_or_another_meta_sae_are_refused(saes):
    with pytest.raises(ValueError, match="SAEs of one site and the meta-SAE of"):
        ExplorerRecipe(saes, META)


def test_rows_without_a_text_are_refused():
    on_world = replace(SAE, site=Site(World(), rows=400))
    with pytest.raises(ValueError, match="has text"):
        ExplorerRecipe((on_world,), MetaRecipe(on_world, 8))


def test_a_latent_is_called_as_the_explorer_calls_it():
    assert (shown_name(SAE), shown_name(META)) == ("topk-64-seed0", "meta-8-seed0")
    assert latent_cell(META, 3) == "explorer:meta-8-seed0/3"
    assert latent_cell(SAE, 5, "5 (cat)") == "5 (cat) explorer:topk-64-seed0/5"
