"""The largest dot products between two sets of rows, tile by tile, never as one
matrix.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.sparse import top_k

TILE_ROWS = 256
TILE_COLUMNS = 8192
SIZES = (16,)
"""Entries in a group of `top_k`."""


class Nearest(NamedTuple):
    """Nearest rows: for each row of a, its best rows of b, best first."""

    value: Float[Tensor, "row rank"]
    """Dot products, falling."""
    other: Int[Tensor, "row rank"]
    """Which row of b; int64."""


def unit_rows(x: Float[Tensor, "row d_model"]) -> Float[Tensor, "row d_model"]:
    """Unit rows: each scaled to norm 1; rows that are zero or not finite become zero (a
    dead latent: cosine 0).

    The authors of 2501.16615 also set the NaN of dead rows to 0 (code:
    hungarian_alignment.py).
    """
    x = x.detach()
    x = x if x.dtype in (torch.float32, torch.float64) else x.float()
    finite = torch.isfinite(x).all(1, keepdim=True)
    x = torch.where(finite, x, 0)
    largest = x.abs().amax(1, keepdim=True) if x.shape[1] else x.new_zeros(len(x), 1)
    # so that tiny and huge rows do not under- or overflow
    x = torch.where(largest > 0, x / largest, 0)
    norm = x.norm(dim=1, keepdim=True)
    return torch.where(norm > 0, x / norm, 0).contiguous()


def nearest(
    a: Float[Tensor, "row d_model"],
    b: Float[Tensor, "other d_model"],
    *,
    count: int = 1,
) -> Nearest:
    """Nearest rows by dot product: the `count` largest of each row of a with the rows
    of b; exact.

    2 row other d_model FLOP and one tile (256 x 8192 numbers; larger on a GPU) of
    memory. Raises ValueError where d_model differs or b has fewer than `count` rows.
    """
    same_space(a, b)
    if not 1 <= count <= len(b):
        raise ValueError(
            f"count must lie between 1 and the {len(b)} rows of b, got {count}; ask "
            "for fewer"
        )
    rows = TILE_ROWS if a.device.type == "cpu" else 16 * TILE_ROWS
    parts = [_nearest_rows(a[i : i + rows], b, count) for i in range(0, len(a), rows)]
    if not parts:
        return Nearest(
            a.new_zeros(0, count),
            torch.zeros(0, count, dtype=torch.int64, device=a.device),
        )
    return Nearest(
        torch.cat([p.value for p in parts]), torch.cat([p.other for p in parts])
    )


def _nearest_rows(a: Tensor, b: Tensor, count: int) -> Nearest:
    """All column tiles of one block of rows, merged."""
    values, indices = [], []
    for start in range(0, len(b), TILE_COLUMNS):
        tile = torch.mm(a, b[start : start + TILE_COLUMNS].T)
        value, index = top_k(tile, min(count, tile.shape[1]), sizes=SIZES)
        values.append(value)
        indices.append(index + start)
    value, order = torch.cat(values, 1).topk(count, dim=1)
    return Nearest(value, torch.cat(indices, 1).gather(1, order))


def same_space(a: Tensor, b: Tensor) -> None:
    """Raises ValueError unless both are [row, d_model] with one d_model."""
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(
            "two sets of rows are compared in one space: both must be [row, d_model] "
            f"with the same d_model, got {tuple(a.shape)} and {tuple(b.shape)}; "
            "compare dictionaries of the same site"
        )
