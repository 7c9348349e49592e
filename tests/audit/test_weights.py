"""Directions read from their file are those that `open_sae` gives."""

import json

import pytest
import torch
from safetensors.torch import save_file

from saecore import open_sae
from saecore.audit.weights import audited_weights, name_of_path


def test_a_saelens_folder_is_read_where_it_lies(saved, directions):
    folder = saved("sae", directions(40, 0))
    found, opened = audited_weights(folder), open_sae(folder)
    assert found.mapped
    assert found.encoder is not None
    assert (found.width, found.d_model) == (40, 32)
    assert found.metadata["hook_name"] == "blocks.1.hook_resid_post"
    assert torch.equal(found.decoder.whole(), opened.W_dec)
    assert torch.equal(found.encoder.read(3, 9), opened.W_enc.T[3:9])
    assert torch.equal(found.dense().W_enc, opened.W_enc)


def test_half_precision_is_read_as_float32(saved, directions):
    found = audited_weights(saved("sae", directions(40, 0).to(torch.bfloat16)))
    assert found.decoder.read(0, 4).dtype == torch.float32
    assert found.metadata["stored_dtype"] == "BF16"


def test_a_sparsify_folder_is_read_where_it_lies(tmp_path, directions):
    folder = tmp_path / "layers.1"
    folder.mkdir()
    (folder / "cfg.json").write_text(
        json.dumps({"d_in": 32, "num_latents": 40, "k": 4})
    )
    rows = directions(40, 0)
    weights = {"encoder.weight": 2 * rows, "encoder.bias": torch.zeros(40),
               "W_dec": rows, "b_dec": torch.zeros(32)}  # fmt: skip
    save_file(weights, folder / "sae.safetensors")
    found = audited_weights(folder, name="mine")
    assert found.mapped
    assert found.name == "mine"
    assert found.encoder is not None
    assert torch.equal(found.encoder.whole(), 2 * rows)
    assert torch.equal(found.decoder.whole(), rows)


def test_what_is_opened_already_is_taken_as_it_is(saved, directions):
    opened = open_sae(saved("sae", directions(40, 0)))
    found = audited_weights(opened)
    assert not found.mapped
    assert torch.equal(found.decoder.whole(), opened.W_dec)


def test_numbers_that_are_not_finite_are_refused(saved, directions):
    rows = directions(40, 0)
    rows[3, 2] = torch.nan
    with pytest.raises(ValueError, match=r"finite numbers, but W_dec holds 1 that are"):
        audited_weights(saved("sae", rows))


def test_a_damaged_file_is_refused_by_the_door(saved, directions):
    folder = saved("sae", directions(40, 0))
    (folder / "sae_weights.safetensors").write_bytes(b"no")
    with pytest.raises(ValueError, match="must be a whole safetensors file"):
        audited_weights(folder)


def test_a_transcoder_is_refused(saved, directions):
    with pytest.raises(ValueError, match="SAE"):
        audited_weights(saved("sae", directions(40, 0), architecture="transcoder"))


def test_a_path_is_called_by_its_end(tmp_path):
    assert name_of_path(tmp_path / "a" / "b") == "a/b"
    assert name_of_path("some/where") == "some/where"
