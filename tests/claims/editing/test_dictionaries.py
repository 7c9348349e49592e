"""Which dictionaries are taken, and that complete bases lose nothing."""

import torch
from torch.testing import assert_close

from saecore.claims.editing import dictionaries
from saecore.errors import Unsuited
from tests.claims.editing.conftest import LAYERS


def test_the_base_has_all_seeds_and_every_layer_a_few(zoo, subject):
    base = dictionaries.base_saes(zoo, subject)
    layers = dictionaries.layer_saes(zoo, subject)
    assert len(base) == subject.seeds
    assert tuple(layers) == LAYERS
    assert torch.equal(layers[subject.layer][1].W_dec, base[1].W_dec)


def test_other_saes_are_sparsities_of_two_and_architectures_at_the_base_k(zoo, subject):
    names = set(dictionaries.other_saes(zoo, subject))
    assert {"TopK, k 4", "TopK, k 32", "ReLU, k 4", "ReLU, k 8"} <= names
    assert {"Gated, k 8", "JumpReLU, k 8", "Matryoshka, k 8"} <= names
    assert "TopK, k 8" not in names


def test_complete_bases_give_rows_back(zoo, subject, model):
    x = torch.randn(7, model.d_model, generator=torch.Generator().manual_seed(2))
    found = dictionaries.complete_bases(zoo, subject, model.d_model)
    for name in ("coordinates", "random rotation"):
        encode, directions = found[name]
        assert_close(encode(x) @ directions, x, atol=1e-5, rtol=1e-5)
    assert "ICA" in found


def test_a_signed_basis_has_one_direction_for_both_signs(zoo, subject):
    encode, directions = dictionaries.principal_components(zoo, subject, subject.layer)
    assert len(directions) == 20
    assert encode(-directions)[0, 0] < 0


def test_neurons_are_left_out_where_a_model_has_none(found, monkeypatch):
    assert list(dictionaries.neurons(found.patching.exchanged)) == ["MLP neurons"]

    def none(*_):
        raise Unsuited("no neurons")

    monkeypatch.setattr(dictionaries, "read_neurons", none)
    assert dictionaries.neurons(found.patching.exchanged) == {}
