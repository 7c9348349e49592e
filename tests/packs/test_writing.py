"""SAEs of a zoo into a pack."""

from dataclasses import replace

import pytest

from saecore.errors import ZooError
from saecore.packs import layout
from saecore.packs.taking import take_pack
from saecore.packs.writing import write_pack
from saecore.recipes.baselines import BaselineRecipe


def test_a_basis_is_packed_and_rows_are_not(zoo, recipe, tmp_path, empty):
    basis = BaselineRecipe(recipe.site, "pca")
    path = tmp_path / "two.safetensors"
    zoo.get_all([recipe, basis])
    assert write_pack(zoo, [recipe, basis, recipe.site], path).number == 2
    assert take_pack(empty, path).taken == 2
    assert empty.find(recipe.site) is None
    assert empty.find(basis).width == zoo.get(basis).width


def test_a_pack_of_a_pack_is_the_same_pack(recipe, pack, empty, tmp_path):
    take_pack(empty, pack)
    again = tmp_path / "again.safetensors"
    written = write_pack(empty, [recipe], again)
    assert again.read_bytes() == pack.read_bytes()
    assert written.sha256 == layout.file_digest(pack)


def test_missing_saes_are_not_trained_for_a_pack(zoo, recipe, tmp_path):
    other = replace(recipe, seed=5)
    path = tmp_path / "none.safetensors"
    with pytest.raises(ZooError, match=r"1 are missing .*saecore zoo"):
        write_pack(zoo, [other], path)
    with pytest.raises(ZooError, match="at least one"):
        write_pack(zoo, [recipe.site], path)
    assert not path.exists()
