"""Ways to damage an artefact's folder, each by a stated random generator.

A damage by chance leaves the checksums as they are. A forged one writes them anew, as
somebody would who wants the zoo to load what the recipe did not ask for.
"""

import json
import os
import random
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from saecore.zoo.disk.note import NOTE, checksum, note_digest

Damage = Callable[[Path, random.Random], None]
"""Spoils a folder in place; the folder beside it, `elsewhere`, is outside the zoo."""
WEIGHTS = "sae_weights.safetensors"


def _some(folder: Path, draw: random.Random) -> Path:
    return draw.choice(sorted(path for path in folder.iterdir() if path.is_file()))


def _bytes(change: Callable[[bytearray, random.Random], bytes]) -> Damage:
    """A damage of the bytes of some file."""

    def damage(folder: Path, draw: random.Random) -> None:
        path = _some(folder, draw)
        path.write_bytes(change(bytearray(path.read_bytes()), draw))

    return damage


def _flipped(content: bytearray, draw: random.Random, bits: int = 1) -> bytes:
    for _ in range(bits):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(content)


def _zeroed(content: bytearray, draw: random.Random) -> bytes:
    start = draw.randrange(len(content))
    content[start : start + 64] = bytes(len(content[start : start + 64]))
    return bytes(content) + b"\0"


def _swapped(folder: Path, draw: random.Random) -> None:
    """A file of another artefact of the kind, or of another kind."""
    others = [one for one in folder.parent.parent.glob("*/*") if one != folder]
    taken = draw.choice(sorted(one for one in others if (one / NOTE).is_file()))
    path = _some(folder, draw)
    source = taken / path.name
    shutil.copy(source if source.is_file() else taken / NOTE, path)


def _in_place_of_a_file(put: Callable[[Path, Path], Any]) -> Damage:
    """Something that is no file under a file's name; `put` gets the name and a folder
    outside the zoo that holds the file.
    """

    def damage(folder: Path, draw: random.Random) -> None:
        path, outside = _some(folder, draw), folder.parents[2] / "elsewhere"
        shutil.copy(path, outside / path.name)
        path.unlink()
        put(path, outside / path.name)

    return damage


def _in_place_of_the_folder(put: Callable[[Path, Path], Any]) -> Damage:
    def damage(folder: Path, draw: random.Random) -> None:
        outside = folder.parents[2] / "elsewhere" / folder.name
        shutil.copytree(folder, outside)
        shutil.rmtree(folder)
        put(folder, outside)

    return damage


def _noted(change: Callable[[dict[str, Any], random.Random], Any]) -> Damage:
    """A change of the note alone."""

    def damage(folder: Path, draw: random.Random) -> None:
        note = json.loads((folder / NOTE).read_text())
        change(note, draw)
        (folder / NOTE).write_text(json.dumps(note))

    return damage


def _path_tricks(note: dict[str, Any], draw: random.Random) -> None:
    name = draw.choice(["../../escaped", "/etc/hostname", "a/../b", "", ".hidden"])
    note["files"][name] = "0" * 64
    note["digest"] = note_digest(note)


def _no_checksums(note: dict[str, Any], draw: random.Random) -> None:
    note["files"] = {}
    note["digest"] = note_digest(note)


def _deep(folder: Path, draw: random.Random) -> None:
    path = _some(folder, draw)
    path.write_bytes(draw.choice([b"[", b'{"a":']) * 100_000)


def _hostile_head(folder: Path, draw: random.Random) -> None:
    """A header that promises far more than there is, of an array or of weights."""
    path = _content(folder)
    if path.suffix == ".npy":
        head = {"descr": "<f4", "fortran_order": False, "shape": (2**50, 16)}
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, head)
        return
    far = {"W_enc": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    text = json.dumps(far).encode()
    size = draw.choice([len(text), 2**63 - 1, 10**8])
    path.write_bytes(struct.pack("<Q", size) + text)


def _pickled(folder: Path, draw: random.Random) -> None:
    """An array of objects whose reading would run code that leaves a mark."""
    mark = folder.parents[2] / "elsewhere" / "code ran"

    class Marks:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(mark), "w"))

    array = np.empty(1, dtype=object)
    array[0] = Marks()
    with _content(folder).open("wb") as file:
        np.save(file, array, allow_pickle=True)


def _content(folder: Path) -> Path:
    weights = folder / WEIGHTS
    return weights if weights.is_file() else next(folder.glob("*.npy"))


def _copied(folder: Path, draw: random.Random) -> None:
    shutil.copy(_some(folder, draw), folder / "extra")


BY_CHANCE: dict[str, Damage] = {
    "cut short": _bytes(lambda b, draw: bytes(b[: draw.randrange(len(b))])),
    "emptied": _bytes(lambda b, draw: b""),
    "one bit flipped": _bytes(_flipped),
    "a hundred bits flipped": _bytes(lambda b, draw: _flipped(b, draw, 100)),
    "a stretch of zeros": _bytes(_zeroed),
    "bytes at the end": _bytes(lambda b, draw: bytes(b) + draw.randbytes(9)),
    "a file of another artefact": _swapped,
    "a file missing": lambda folder, draw: _some(folder, draw).unlink(),
    "a file that nobody wrote": _copied,
    "a folder as a file": _in_place_of_a_file(lambda path, _: path.mkdir()),
    "a pipe as a file": _in_place_of_a_file(lambda path, _: os.mkfifo(path)),
    "a device as a file": _in_place_of_a_file(
        lambda path, _: path.symlink_to("/dev/zero")
    ),
    "a link out of the zoo as a file": _in_place_of_a_file(
        lambda path, outside: path.symlink_to(outside)
    ),
    "a link to itself as a file": _in_place_of_a_file(
        lambda path, _: path.symlink_to(path.name)
    ),
    "a file as the folder": _in_place_of_the_folder(lambda path, _: path.touch()),
    "a pipe as the folder": _in_place_of_the_folder(lambda path, _: os.mkfifo(path)),
    "a link out of the zoo as the folder": _in_place_of_the_folder(
        lambda path, outside: path.symlink_to(outside)
    ),
    "a dangling link as the folder": _in_place_of_the_folder(
        lambda path, _: path.symlink_to("nowhere")
    ),
    "an empty folder": _in_place_of_the_folder(lambda path, _: path.mkdir()),
    "deep brackets": _deep,
    "a header that promises too much": _hostile_head,
    "an array of objects": _pickled,
    "no checksums in the note": _noted(_no_checksums),
    "paths in the note": _noted(_path_tricks),
    "other numbers in the note": _noted(
        lambda note, draw: note["made"].update(seconds=draw.random())
    ),
}


def _forged(change: Callable[[Path, random.Random], None]) -> Damage:
    def damage(folder: Path, draw: random.Random) -> None:
        change(folder, draw)
        note = json.loads((folder / NOTE).read_text())
        note["files"] = {name: checksum(folder / name) for name in note["files"]}
        note["digest"] = note_digest(note)
        (folder / NOTE).write_text(json.dumps(note))

    return damage


def _rewritten(change: Callable[[torch.Tensor], torch.Tensor | None]) -> Damage:
    """Other numbers in the array or in one of the weights (None: left out)."""

    def damage(folder: Path, draw: random.Random) -> None:
        path = _content(folder)
        if path.suffix == ".npy":
            changed = change(torch.from_numpy(np.load(path)))
            with path.open("wb") as file:
                empty = torch.zeros(0)
                np.save(file, (empty if changed is None else changed).numpy())
            return
        weights = load_file(path)
        name = draw.choice(sorted(weights))
        changed = change(weights.pop(name))
        save_file(weights | ({} if changed is None else {name: changed}), path)

    return damage


def _put(tensor: torch.Tensor, number: float) -> torch.Tensor:
    tensor.reshape(-1)[0] = number
    return tensor


def _configured(**fields: Any) -> Damage:
    def damage(folder: Path, draw: random.Random) -> None:
        path = folder / "cfg.json"
        if not path.is_file():  # an array: of another shape instead
            rows = np.load(folder / "rows.npy")
            np.save(folder / "rows.npy", rows[: -1 - draw.randrange(9)])
            return
        cfg = json.loads(path.read_text())
        name = draw.choice(sorted(fields))
        wrong = [value for value in fields[name] if value != cfg.get(name)]
        path.write_text(json.dumps(cfg | {name: draw.choice(wrong)}))

    return damage


FORGED: dict[str, Damage] = {
    name: _forged(change)
    for name, change in {
        "no numbers (NaN)": _rewritten(lambda one: _put(one, float("nan"))),
        "infinite numbers": _rewritten(lambda one: _put(one, float("-inf"))),
        "half precision": _rewritten(lambda one: one.half()),
        "true and false": _rewritten(lambda one: one > 0),
        "complex numbers": _rewritten(lambda one: one.to(torch.complex64)),
        "double precision": _rewritten(lambda one: one.double()),
        "a row less": _rewritten(lambda one: one[1:]),
        "one axis more": _rewritten(lambda one: one[None]),
        "one axis alone": _rewritten(lambda one: one.reshape(-1, 1)[:, 0][:7]),
        "nothing": _rewritten(lambda one: None),
        "another architecture": _configured(
            architecture=["topk", "jumprelu", "standard", "gated", "temporal", None, []]
        ),
        "another size": _configured(
            d_sae=[0, -1, 10**12, "24", None], d_in=[0, 7, [], 1e308]
        ),
        "another k": _configured(k=[0, -3, None, [], 10**9, "3"]),
        "other settings": _configured(
            apply_b_dec_to_input=[False, None],
            normalize_activations=["layer_norm", 7],
            rescale_acts_by_decoder_norm=[True, 1],
        ),
    }.items()
}
