"""Which SAEs came from a pack."""

from dataclasses import replace

from saecore.packs import used
from saecore.packs.taking import take_pack
from saecore.recipes.meta import MetaRecipe


def test_a_page_says_which_pack_its_saes_came_from(recipe, pack, empty, zoo):
    sha256 = take_pack(empty, pack).sha256
    assert used.packs_of(empty, [recipe]) == {sha256: 1}
    assert used.packs_of(empty, [replace(recipe, seed=3)]) == {}
    assert used.packs_of(empty, [MetaRecipe(recipe, 16, 2)]) == {sha256: 1}
    assert used.packs_of(zoo, [recipe]) == {}
    assert used.said({sha256: 1}).startswith("1 SAE of this page came from the pack")
    assert "2 SAEs" in used.said({sha256: 2})
    assert used.said({}) == ""
