"""From one zoo to another, and everything that is no pack."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from saecore.errors import ZooError
from saecore.measures.dictionary.fidelity import fidelity
from saecore.packs import layout, taking, used
from saecore.packs.layout import HEADER, BadPack, read_index
from saecore.packs.taking import take_pack
from saecore.packs.writing import write_pack
from saecore.recipes.baselines import BaselineRecipe
from saecore.zoo.artefact import folder_of


def opened(path):
    """Tensors and header of a pack."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return tensors, json.loads(file.metadata()[HEADER])


def changed(path, change):
    """The same pack after `change(tensors, header)`."""
    tensors, header = opened(path)
    change(tensors, header)
    save_file(tensors, path, metadata={HEADER: json.dumps(header)})
    return path


def test_an_sae_goes_from_zoo_to_zoo_and_answers_to_its_recipe(
    zoo, recipe, pack, empty, monkeypatch
):
    first = zoo.get(recipe)
    found = take_pack(empty, pack)
    assert (found.taken, found.there, found.other_build) == (1, 0, 0)
    monkeypatch.setattr(empty, "_make", lambda missing: pytest.fail("trained"))
    again = empty.get(recipe)
    for name, weight in first.weights.items():
        assert again.weights[name].dtype == torch.float32
        assert torch.equal(again.weights[name], weight.half().float())
    assert again.log["pack"] == {"dtype": "float16", "sha256": found.sha256}
    assert again.log["l0"] == first.log["l0"]
    assert "log" not in again.log


def test_half_the_digits_hardly_move_what_an_sae_does(zoo, recipe, pack, empty):
    take_pack(empty, pack)
    rows = zoo.get(recipe.site)
    before, after = (fidelity(one.get(recipe), rows) for one in (zoo, empty))
    assert after.fvu == pytest.approx(before.fvu, rel=2e-3)
    assert after.l0 == pytest.approx(before.l0, rel=2e-3)


def test_what_is_there_already_stays(recipe, pack, zoo):
    folder = folder_of(zoo.root, recipe)
    before = (folder / "recipe.json").read_bytes()
    found = take_pack(zoo, pack)
    assert (found.taken, found.there) == (0, 1)
    assert (folder / "recipe.json").read_bytes() == before


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


def test_weights_too_large_for_float16_are_refused():
    with pytest.raises(ZooError, match=r"65,504.*wide one"):
        layout.halved("wide one", {"W_dec": torch.tensor([[1e5]])})


def test_another_build_is_left_out(pack, empty, recipe):
    changed(pack, lambda tensors, header: header["index"][0].update(key="0" * 64))
    found = take_pack(empty, pack)
    assert (found.taken, found.other_build) == (0, 1)
    assert empty.find(recipe) is None


def noisy(tensors, header):
    tensors["0/W_dec"][0, 0] += 1


def unnamed(tensors, header):
    header["index"][0]["recipe"]["class"] = "os.system"


def another_width(tensors, header):
    header["index"][0]["cfg"]["d_sae"] = 63


def unknown_architecture(tensors, header):
    header["index"][0]["cfg"]["architecture"] = "transcoder"


def no_weights(tensors, header):
    tensors.clear()
    tensors["1/W_dec"] = torch.zeros(1)


def in_float32(tensors, header):
    tensors["0/W_dec"] = tensors["0/W_dec"].float()


@pytest.mark.parametrize(
    "change",
    [noisy, unnamed, another_width, unknown_architecture, no_weights, in_float32],
)
def test_what_was_changed_is_refused_and_nothing_of_it_is_written(
    change, pack, empty, recipe
):
    changed(pack, change)
    with pytest.raises(BadPack, match="fetch the pack again"):
        take_pack(empty, pack)
    assert empty.find(recipe) is None
    assert not [p for p in empty.root.rglob("*") if p.suffix == ".safetensors"]


def test_every_flipped_byte_is_refused_or_changes_nothing(pack, empty, recipe, zoo):
    good = pack.read_bytes()
    draw = torch.Generator().manual_seed(0)
    for place in torch.randint(len(good), (60,), generator=draw).tolist():
        bad = bytearray(good)
        bad[place] ^= 1 << place % 8
        pack.write_bytes(bytes(bad))
        try:
            taken = take_pack(empty, pack).taken
        except (BadPack, ZooError):
            taken = 0
        if taken:
            kept = empty.find(recipe)
            assert all(
                torch.equal(kept.weights[name], one.half().float())
                for name, one in zoo.get(recipe).weights.items()
            )
            break


def test_a_name_that_leads_out_of_the_zoo_is_refused(pack, empty, recipe, monkeypatch):
    outside = empty.root.parent / "elsewhere" / "x"
    monkeypatch.setattr(taking, "folder_of", lambda root, recipe: outside)
    with pytest.raises(BadPack, match="leads out of the zoo"):
        take_pack(empty, pack)
    assert not outside.parent.exists()


@pytest.mark.parametrize("content", [b"", b"\x00" * 40, b"PK\x03\x04 no pack"])
def test_another_file_is_no_pack(content, tmp_path, empty):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadPack, match="`saecore pack` wrote"):
        take_pack(empty, path)


def test_safetensors_without_an_index_and_other_versions_are_no_packs(pack, tmp_path):
    plain = tmp_path / "plain.safetensors"
    save_file({"a": torch.zeros(2)}, plain)
    with pytest.raises(BadPack, match="`saecore pack` wrote"):
        read_index(plain)
    changed(pack, lambda tensors, header: header.update(version=2))
    with pytest.raises(BadPack, match="version 2"):
        read_index(pack)


def test_a_page_says_which_pack_its_saes_came_from(recipe, pack, empty, zoo):
    sha256 = take_pack(empty, pack).sha256
    assert used.packs_of(empty, [recipe]) == {sha256: 1}
    assert used.packs_of(empty, [replace(recipe, seed=3)]) == {}
    assert used.packs_of(zoo, [recipe]) == {}
    assert used.said({sha256: 1}).startswith("1 SAE of this page came from the pack")
    assert "2 SAEs" in used.said({sha256: 2})
    assert used.said({}) == ""
