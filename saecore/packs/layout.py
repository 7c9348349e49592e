"""What a pack is: one safetensors file of float16 weights, with an index in its header
that says of each SAE by which recipe it was made.

A tensor is called `<number>/<weight>`, where the number is the SAE's place in the
index. Nothing in a pack is a path or is run.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.errors import ZooError
from saecore.places import as_others

KINDS = ("saes", "metas", "toys", "baselines")
"""What can be packed: whatever is an SAE's folder in the zoo."""
HEADER = "saecore_pack"
VERSION = 1
_DTYPE = torch.float16


class BadPack(ZooError):
    """A file is no pack, or not what was written."""


class PackedSAE(NamedTuple):
    """One SAE of a pack."""

    recipe: dict[str, Any]
    """The recipe as `keys.canonical` describes it."""
    key: str
    """Its key when it was packed."""
    cfg: dict[str, Any]
    """Its cfg.json."""
    made: dict[str, Any]
    """What was noted when it was made, without the log of its training."""
    digest: str
    """sha256 of all of this and of its weights in float16."""


def halved(name: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights in float16; ZooError if one does not fit."""
    halves = {key: weight.to(_DTYPE).contiguous() for key, weight in weights.items()}
    if any(not one.isfinite().all() for one in halves.values()):
        raise ZooError(
            "weights in a pack are float16, of which the largest is 65,504, but some "
            f"of {name} are larger or no numbers: leave it out"
        )
    return halves


def sealed(one: PackedSAE, weights: Mapping[str, Tensor]) -> PackedSAE:
    """An entry with the digest of what it says, and of the names, shapes and bytes of
    its weights.
    """
    said = one._replace(digest="")._asdict()
    found = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name in sorted(weights):
        weight = weights[name].contiguous()
        shape = [name, list(weight.shape), str(weight.dtype)]
        found.update(json.dumps(shape).encode())
        found.update(weight.numpy().tobytes())
    return one._replace(digest=found.hexdigest())


def save_pack(
    path: Path, index: Sequence[PackedSAE], weights: Iterable[Mapping[str, Tensor]]
) -> None:
    """Write a pack; it appears under its name when it is whole."""
    from safetensors.torch import save_file

    tensors = {
        f"{number}/{name}": tensor
        for number, one in enumerate(weights)
        for name, tensor in one.items()
    }
    header = {"version": VERSION, "index": [one._asdict() for one in index]}
    part = path.with_name(f".{path.name}.part")
    try:
        save_file(tensors, part, metadata={HEADER: json.dumps(header)})
        as_others(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_index(path: Path) -> list[PackedSAE]:
    """What is in a pack. Raises BadPack for any other file."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[HEADER])
        if header["version"] != VERSION:
            raise BadPack(
                f"packs of version {VERSION} are read, but {path} has version "
                f"{header['version']}: fetch one that was made for this saecore"
            )
        return [_entry(one) for one in header["index"]]
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise BadPack(
            f"a pack is a file that `saecore pack` wrote, but {path} is none "
            f"({error}): fetch it again"
        ) from None


def _entry(said: dict[str, Any]) -> PackedSAE:
    """One entry of an index; TypeError for anything else."""
    one = PackedSAE(**said)
    kinds = (dict, str, dict, dict, str)
    if not all(isinstance(x, kind) for x, kind in zip(one, kinds, strict=True)):
        raise TypeError("an entry is not what it should be")
    return one


def read_weights(path: Path, number: int, one: PackedSAE) -> dict[str, Tensor]:
    """The weights of one SAE, in float32. Raises BadPack if they are not what was
    packed.
    """
    from safetensors import safe_open

    start = f"{number}/"
    with safe_open(path, framework="pt") as file:
        halves = {
            name.removeprefix(start): file.get_tensor(name)
            for name in file.keys()  # noqa: SIM118  (no mapping)
            if name.startswith(start)
        }
    whole = all(h.dtype == _DTYPE and bool(h.isfinite().all()) for h in halves.values())
    if not halves or not whole or sealed(one, halves) != one:
        raise BadPack(
            f"SAE {number} in {path} is not what was packed (its sha256 differs): "
            "fetch the pack again"
        )
    return {name: half.float() for name, half in halves.items()}


def file_digest(path: Path) -> str:
    """sha256 of a pack as a file: its name for people and pages."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
