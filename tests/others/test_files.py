"""Files that others wrote, whole and broken."""

import pytest
import torch
from safetensors.torch import save_file

from saecore.others.files import read_json, read_tensors


def test_objects_and_tensors_are_read(tmp_path):
    (tmp_path / "a.json").write_text('{"k": 3}')
    assert read_json(tmp_path / "a.json") == {"k": 3}
    save_file({"w": torch.arange(3.0)}, tmp_path / "w.safetensors")
    assert read_tensors(tmp_path / "w.safetensors")["w"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("text", ["[1]", "{", "\udcff"])
def test_other_json_is_a_sentence(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"a\.json must hold a JSON object, but"):
        read_json(path)
    with pytest.raises(ValueError, match="must hold a JSON object"):
        read_json(tmp_path / "missing.json")


def test_other_bytes_are_a_sentence(tmp_path):
    (tmp_path / "w.safetensors").write_bytes(b"no")
    with pytest.raises(ValueError, match="must be a whole safetensors file"):
        read_tensors(tmp_path / "w.safetensors")
