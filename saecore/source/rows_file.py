"""Rows from a file: activations that somebody else read, as a source like any other.

A file is known by its content: it may be renamed and moved, and the same rows in
another format are other rows. `.npy` and `.safetensors` are opened without running code
and read as they are used.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from saecore.source.site import ROW, Given, RowBlocks, Site

BLOCK = 16_384
"""Rows that are read at a time."""
FLOATS = ("F64", "F32", "F16", "BF16")
"""Numbers that become float32, by safetensors' names."""


@dataclass(frozen=True)
class RowsFile:
    """Rows `[row, d_model]` of a file, by its content; `rows_file(path)` makes it.

        source = rows_file("activations.npy")
        zoo = Zoo(places={source: "activations.npy"})
        sae = zoo.get(SAERecipe(Site(source), "topk", 640, 8))

    `tensor` names one of several in a safetensors file. Where the file lies is no part
    of it: `Zoo(places={source: path})` says so. Reading raises ValueError if the file
    is not the one that was identified, or holds numbers that are not finite in float32.
    """

    layered: ClassVar[bool] = False
    sampled: ClassVar[bool] = False
    whole: ClassVar[bool] = True

    sha256: str
    rows: int
    d_model: int
    tensor: str | None = None

    @property
    def model(self) -> None:
        """There is none."""
        return None

    def rests_on(self, site: Site) -> tuple[()]:
        """Nothing but the file."""
        return ()

    def count(self, site: Site) -> int:
        """All rows of the file."""
        return self.rows

    def place(self, site: Site) -> str:
        """The beginning of the content's sha256."""
        return f"file-{self.sha256[:8]}"

    def hook_name(self, site: Site) -> str:
        """What the file was read from, nobody knows."""
        return "file"

    def price(self, site: Site) -> float:
        """Less than any other row."""
        return ROW / 100 * self.rows

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The rows in float32, block after block."""
        path = given.file(self)
        if (found := rows_file(path, tensor=self.tensor)) != self:
            raise ValueError(
                f"{path} must hold {self.rows} rows of length {self.d_model} with "
                f"sha256 {self.sha256[:12]}..., but it holds {found.rows} of length "
                f"{found.d_model} with {found.sha256[:12]}...: point to the file that "
                "was meant, or ask with rows_file(path)"
            )
        return RowBlocks(
            self.rows,
            self.d_model,
            _finite(path, _opened(path, self.tensor)),
        )


class _Opened(NamedTuple):
    """An array in a file, of which parts can be read."""

    array: Any
    shape: tuple[int, ...]
    dtype: str
    tensor: str | None


def rows_file(path: str | Path, *, tensor: str | None = None) -> RowsFile:
    """What a file of rows is, by its content, as a source for a `Site`.

    Raises ValueError, in one sentence, for a file that is neither `.npy` nor
    `.safetensors`, that cannot be opened without running code, or that holds no array
    `[row, d_model]` of floating-point numbers; of several tensors one must be named.
    """
    path = Path(path)
    opened = _opened(path, tensor)
    if len(opened.shape) != 2 or 0 in opened.shape:
        raise ValueError(
            f"rows are an array [row, d_model] with at least one row, but {path} holds "
            f"one of shape {opened.shape}: reshape it"
        )
    if opened.dtype not in FLOATS:
        raise ValueError(
            f"rows are numbers of a type among {', '.join(FLOATS)}, but those of "
            f"{path} are {opened.dtype}: convert them"
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return RowsFile(digest, *opened.shape, tensor=opened.tensor)


def _opened(path: Path, tensor: str | None) -> _Opened:
    if not path.is_file():
        raise ValueError(
            f"a file of rows must be there, but {path} is no file: check the path",
        )
    if path.suffix == ".npy":
        return _npy(path, tensor)
    if path.suffix == ".safetensors":
        return _safetensors(path, tensor)
    raise ValueError(
        f"a file of rows ends in .npy or .safetensors, but {path.name} does not: write "
        "it with numpy.save or safetensors.torch.save_file"
    )


def _npy(path: Path, tensor: str | None) -> _Opened:
    if tensor is not None:
        raise ValueError(
            f"a .npy file holds one array without a name, but tensor={tensor!r} of "
            f"{path} was asked for: leave tensor out"
        )
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise _unreadable(path, error) from None
    kinds = {"<f8": "F64", "<f4": "F32", "<f2": "F16"}
    dtype = kinds.get(array.dtype.newbyteorder("<").str, str(array.dtype))
    return _Opened(array, array.shape, dtype, None)


def _safetensors(path: Path, tensor: str | None) -> _Opened:
    from safetensors import SafetensorError, safe_open

    try:
        file = safe_open(path, "pt")
        names = sorted(file.keys())
    except (SafetensorError, OSError) as error:
        raise _unreadable(path, error) from None
    if tensor is None and len(names) == 1:
        tensor = names[0]
    if tensor not in names:
        raise ValueError(
            f"one tensor of a file is read, but {path} holds "
            f"{', '.join(names) or 'none'} and tensor={tensor!r} was asked for: name "
            "one of them with tensor="
        )
    part = file.get_slice(tensor)
    return _Opened(part, tuple(part.get_shape()), part.get_dtype(), tensor)


def _unreadable(path: Path, error: Exception) -> ValueError:
    why = " ".join(str(error).split())
    return ValueError(
        f"{path} must be a whole array without pickled objects, but: {why}",
    )


def _finite(path: Path, opened: _Opened) -> Iterator[Tensor]:
    """Block after block in float32; ValueError at the first that is not finite."""
    for start in range(0, opened.shape[0], BLOCK):
        block = opened.array[start : start + BLOCK]
        if isinstance(block, np.ndarray):
            with np.errstate(over="ignore"):  # said below
                block = torch.from_numpy(block.astype(np.float32))
        block = block.float()
        bad = (~block.isfinite().all(1)).nonzero()
        if len(bad):
            raise ValueError(
                f"rows must be finite in float32, but row {start + int(bad[0])} of "
                f"{path} is not: leave it out, or scale the rows"
            )
        yield block
