"""What is a pack, and what is none."""

import pytest
import torch
from safetensors.torch import save_file

from saecore.errors import ZooError
from saecore.packs import layout
from saecore.packs.layout import BadPack, read_index
from saecore.packs.taking import take_pack
from tests.packs.changing import changed


def test_weights_too_large_for_float16_are_refused():
    with pytest.raises(ZooError, match=r"65,504.*wide one"):
        layout.halved("wide one", {"W_dec": torch.tensor([[1e5]])})


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
