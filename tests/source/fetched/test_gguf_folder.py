"""A GGUF file as a folder: the same logits, opened like any other, and no half of one."""

import importlib.util

import pytest
import torch

from saecore.errors import ZooError
from saecore.source.fetched import gguf_folder
from saecore.source.fetched.gguf_folder import write_gguf_folder
from saecore.source.model.language_model import open_model


@pytest.fixture(scope="module")
def folder(gguf_file, tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "small"
    write_gguf_folder(gguf_file, path)
    return path


def test_the_folder_holds_the_weights_of_the_file(folder, gguf_file):
    from gguf import GGUFReader

    stored = {one.name: one.data for one in GGUFReader(gguf_file).tensors}
    opened = open_model(folder)
    own = opened.model.state_dict()
    down = torch.tensor(stored["blk.1.ffn_down.weight"].astype("float32"))
    found = own["model.layers.1.mlp.down_proj.weight"]
    torch.testing.assert_close(found, down, rtol=0.01, atol=1e-3)
    assert not torch.equal(own["model.layers.0.mlp.down_proj.weight"], found)


def test_it_opens_as_any_folder_does(folder):
    model = open_model(folder)
    assert (model.n_layers, model.d_model, model.bos) == (2, 64, 1)
    assert set(model.special) >= {0, 1, 2}
    assert model.decode(model.encode("the cat")[1:]) == "the cat"
    assert [path.name for path in folder.parent.iterdir()] == ["small"]
    torch.testing.assert_close(
        model.logits(torch.tensor([[1, 5, 6]])).softmax(-1).sum(-1), torch.ones(1, 3)
    )


def test_a_file_that_is_none_is_refused_and_nothing_is_left(tmp_path):
    pytest.importorskip("gguf")
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no weights")
    with pytest.raises(ZooError, match="must be one that transformers opens"):
        write_gguf_folder(bad, tmp_path / "out" / "model")
    assert list((tmp_path / "out").iterdir()) == []


def test_without_the_package_one_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ZooError, match="pip install gguf"):
        gguf_folder.write_gguf_folder(tmp_path / "x.gguf", tmp_path / "model")
