"""What the files of an artefact may hold; nothing else is loaded."""

import struct

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from saecore.zoo.baselines import basis, cfg_of_basis
from saecore.zoo.disk.contents import (
    array,
    check_rows,
    expect_configuration,
    stored_sae,
)
from saecore.zoo.disk.note import Damaged
from saecore.zoo.sae import read, save

GOOD = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("shape", [(2, 3), (2, None), (None, None)])
def test_an_array_of_the_asked_shape_is_read(tmp_path, mapped, shape):
    np.save(tmp_path / "x.npy", GOOD)
    read = array(tmp_path / "x.npy", "<f4", shape, mapped=mapped)
    np.testing.assert_array_equal(read, GOOD)


@pytest.mark.parametrize(
    "other",
    [
        GOOD.astype(np.float16),
        GOOD.astype(np.complex64),
        GOOD.astype(">f4"),
        GOOD.astype(bool),
        GOOD[0],
        GOOD[:, :2],
        GOOD[:1],
        np.asfortranarray(GOOD),
        np.where(GOOD == 2, np.nan, GOOD).astype(np.float32),
        np.where(GOOD == 2, np.inf, GOOD).astype(np.float32),
        np.array([{"x": 1}, None], dtype=object),
    ],
)
def test_other_arrays_are_damage(tmp_path, other):
    np.save(tmp_path / "x.npy", other, allow_pickle=True)
    with pytest.raises(Damaged):
        array(tmp_path / "x.npy", "<f4", (2, 3))


def test_a_header_that_promises_too_much_takes_no_memory(tmp_path):
    head = {"descr": "<f4", "fortran_order": False, "shape": (2**40, 3)}
    with (tmp_path / "x.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, head)
        file.write(GOOD.tobytes())
    with pytest.raises(Damaged, match="not as long"):
        array(tmp_path / "x.npy", "<f4", (None, 3))


def test_a_header_of_another_version_is_damage(tmp_path):
    head = struct.pack("<I", 10) + b"{}".ljust(10)
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\x03\x00" + head)
    with pytest.raises(Damaged, match="version 3"):
        array(tmp_path / "x.npy", "<f4", (2, 3))


@pytest.fixture
def folder(tmp_path):
    """A basis of three latents."""
    made = basis(torch.eye(3), torch.eye(3), torch.zeros(3))
    save(tmp_path, made.cfg, made.weights)
    return tmp_path


ASKED = cfg_of_basis(3, 3)


def test_an_sae_with_the_asked_configuration_is_sound(folder):
    expect_configuration(folder, stored_sae(folder, "cpu"), ASKED)


@pytest.mark.parametrize(
    "asked", [{"architecture": "topk", "k": 2}, {"d_sae": 4}, {"d_in": 4}]
)
def test_another_configuration_is_damage(folder, asked):
    with pytest.raises(Damaged, match=next(iter(asked))):
        expect_configuration(folder, read(folder), ASKED | asked)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_damage(folder, number):
    weights = dict(read(folder).weights)
    weights["b_enc"] = torch.tensor([0.0, number, 0.0])
    save_file(weights, folder / "sae_weights.safetensors")
    with pytest.raises(Damaged, match="not finite"):
        stored_sae(folder, "cpu")


def test_weights_of_another_dtype_are_damage(folder):
    weights = {name: one.half() for name, one in read(folder).weights.items()}
    save_file(weights, folder / "sae_weights.safetensors")
    with pytest.raises(Damaged, match="F16"):
        stored_sae(folder, "cpu")


def test_rows_that_are_not_finite_are_not_stored():
    check_rows(torch.ones(2, 3), "x")
    with pytest.raises(ValueError, match="rows must be finite, but some of x"):
        check_rows(torch.tensor([[1.0, float("nan")]]), "x")
