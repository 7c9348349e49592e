"""What the files of an artefact may hold: arrays of the dtype and the size that their
header says, weights that are finite, a configuration that is the recipe's.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from saecore.zoo.disk.note import Damaged
from saecore.zoo.sae import SAE, read

LOOKED_AT = 1 << 22
"""Numbers that are looked at together."""
_WEIGHTS = "sae_weights.safetensors"
_ASKED = ("architecture", "d_in", "d_sae", "k")


def array(
    path: Path, dtype: str, shape: tuple[int | None, ...], *, mapped: bool = False
) -> np.ndarray:
    """The array of a .npy file: of one dtype and shape (None: of any length), finite;
    Damaged for any other.

    With `mapped` it is read as it is used, and changes to it stay in memory. A header
    that promises more than the file holds is refused before room for it is taken.
    """
    found, size = _head(path)
    _expect(path, found, dtype, shape)
    if size != path.stat().st_size:
        raise Damaged(f"{path} is not as long as its header says")
    read = np.load(path, mmap_mode="c" if mapped else None, allow_pickle=False)
    flat = read.reshape(-1)
    parts = (flat[at : at + LOOKED_AT] for at in range(0, len(flat), LOOKED_AT))
    if not all(np.isfinite(part).all() for part in parts):
        raise Damaged(f"{path} holds numbers that are not finite")
    return read


def _head(path: Path) -> tuple[tuple[Any, ...], int]:
    """What the header of a .npy file says (shape, order, dtype), and how long the file
    has to be.
    """
    with path.open("rb") as file:
        heads = {
            1: np.lib.format.read_array_header_1_0,
            2: np.lib.format.read_array_header_2_0,
        }
        major = np.lib.format.read_magic(file)[0]
        if major not in heads:
            raise Damaged(f"{path} is of version {major} of its format, not 1 or 2")
        head = heads[major](file)
        return head, file.tell() + math.prod(head[0]) * head[2].itemsize


def _expect(
    path: Path, found: tuple[Any, ...], dtype: str, asked: tuple[int | None, ...]
) -> None:
    shape, fortran, kind = found
    fits = len(shape) == len(asked) and all(
        want in (None, size) for want, size in zip(asked, shape, strict=True)
    )
    if not fits or fortran or kind != np.dtype(dtype):
        raise Damaged(
            f"{path.parent} should hold an array of shape {asked} and dtype "
            f"{np.dtype(dtype)} and holds one of shape {shape} and dtype {kind}"
        )


def stored_sae(folder: Path, device: str) -> SAE:
    """The SAE of a folder whose weights are finite float32; Damaged otherwise."""
    from safetensors import safe_open

    with safe_open(folder / _WEIGHTS, framework="pt") as file:
        stored = {file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
    if stored != {"F32"}:
        raise Damaged(f"{folder} should hold weights in F32 and holds {stored}")
    sae = read(folder, device=device)
    if not all(torch.isfinite(one).all() for one in sae.weights.values()):
        raise Damaged(f"{folder} holds weights that are not finite")
    return sae


def expect_configuration(folder: Path, sae: SAE, asked: dict[str, Any]) -> None:
    """Damaged unless the configuration of an SAE is the one that was `asked` for, as
    far as it decides what the SAE computes.
    """
    if other := [name for name in _ASKED if sae.cfg.get(name) != asked.get(name)]:
        raise Damaged(
            f"{folder} should have {other[0]} {asked.get(other[0])!r} in its cfg.json "
            f"and has {sae.cfg.get(other[0])!r}"
        )


def check_rows(block: Tensor, slug: str) -> None:
    """ValueError unless rows that are to be stored are finite."""
    if not block.isfinite().all():
        raise ValueError(
            f"rows must be finite, but some of {slug} are not: look at the weights of "
            "its language model, or at its file"
        )
