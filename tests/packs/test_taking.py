"""A pack into a zoo, and what is refused."""

import pytest
import torch

from saecore.measures.dictionary.fidelity import fidelity
from saecore.packs import taking
from saecore.packs.layout import BadPack
from saecore.packs.taking import take_pack
from saecore.zoo.artefact import folder_of
from saecore.zoo.store import Zoo
from tests.packs.changing import changed


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


def test_every_flipped_byte_is_refused_or_changes_nothing(pack, tmp_path, recipe, zoo):
    good, first = pack.read_bytes(), zoo.get(recipe)
    draw = torch.Generator().manual_seed(0)
    header = int.from_bytes(good[:8], "little")
    places = torch.randint(8 + header, (40,), generator=draw).tolist()
    places += torch.randint(8 + header, len(good), (40,), generator=draw).tolist()
    for number, place in enumerate(places):
        bad = bytearray(good)
        bad[place] ^= 1 << place % 8
        pack.write_bytes(bytes(bad))
        other = Zoo(tmp_path / f"zoo{number}", workers=1)
        try:
            taken = take_pack(other, pack).taken
        except BadPack:
            continue
        if not taken:  # its key is another: left out
            continue
        kept = other.get(recipe)
        assert kept.log["pack"]["dtype"] == "float16"
        assert kept.cfg == first.cfg
        assert kept.log["l0"] == first.log["l0"]
        for name, weight in first.weights.items():
            assert torch.equal(kept.weights[name], weight.half().float())


HOSTILE = [
    {"recipe": []},
    {"recipe": {"class": "SAERecipe"}},
    {"recipe": {"class": "SAERecipe", "site": 3, "width": float("nan")}},
    {"recipe": {"class": "LanguageModel", "name": "../../x", "fingerprint": "y"}},
    {"made": "x"},
    {"cfg": None},
    {"key": 3},
    {"more": 1},
]


@pytest.mark.parametrize("said", HOSTILE, ids=str)
def test_a_hostile_entry_is_refused_in_a_sentence(said, pack, empty):
    changed(pack, lambda tensors, header: header["index"][0].update(said))
    with pytest.raises(BadPack, match="fetch"):
        take_pack(empty, pack)


def test_what_an_entry_says_of_its_sae_is_sealed_too(pack, empty):
    def more_active(tensors, header):
        header["index"][0]["cfg"]["k"] = 4

    changed(pack, more_active)
    with pytest.raises(BadPack, match="sha256 differs"):
        take_pack(empty, pack)


def test_a_name_that_leads_out_of_the_zoo_is_refused(pack, empty, recipe, monkeypatch):
    outside = empty.root.parent / "elsewhere" / "x"
    monkeypatch.setattr(taking, "folder_of", lambda root, recipe: outside)
    with pytest.raises(BadPack, match="leads out of the zoo"):
        take_pack(empty, pack)
    assert not outside.parent.exists()
