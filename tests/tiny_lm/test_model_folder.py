"""Folders of a language model: half precision, whole or not at all."""

import pytest
import torch
from torch.testing import assert_close

from saecore.source.model.language_model import open_model
from saecore.tiny_lm.model_folder import write_folder
from saecore.tiny_lm.recipe import new_model
from tests.tiny_lm.small import SMALL, weights


def test_weights_are_written_in_half_precision_and_read_in_full(tmp_path, material):
    from safetensors.torch import load_file

    model = new_model(SMALL, vocabulary=material.tokeniser.get_vocab_size()).eval()
    write_folder(model, material.tokeniser, tmp_path / "lm", training={})
    stored = load_file(tmp_path / "lm" / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}
    read = open_model(tmp_path / "lm")
    assert next(read.model.parameters()).dtype == torch.float32
    assert next(model.parameters()).dtype == torch.float32
    assert_close(weights(read.model), weights(model), atol=1e-3, rtol=1e-3)


def test_a_new_folder_keeps_the_files_that_only_the_old_one_had(tmp_path, material):
    folder = tmp_path / "lm"
    folder.mkdir()
    (folder / "facts.json").write_text("{}")
    (folder / "config.json").write_text("old")
    write_folder(
        new_model(SMALL, vocabulary=3500), material.tokeniser, folder, training={}
    )
    assert (folder / "facts.json").read_text() == "{}"
    assert (folder / "config.json").read_text() != "old"
    assert [path.name for path in tmp_path.iterdir()] == ["lm"]


def test_a_write_that_fails_leaves_the_old_folder(tmp_path, material):
    folder = tmp_path / "lm"
    folder.mkdir()
    (folder / "config.json").write_text("old")
    with pytest.raises(TypeError):
        write_folder(
            new_model(SMALL, vocabulary=3500),
            material.tokeniser,
            folder,
            training={"not json": object()},
        )
    assert (folder / "config.json").read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["config.json"]
