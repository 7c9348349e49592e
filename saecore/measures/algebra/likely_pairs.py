"""The likely pairs of an assignment, from both sides, in one multiplication.

On a CPU each tile goes into lists of the largest entries of its rows and its columns
(`largest_entries`).

Elsewhere each row's best columns come from a top-k of its tiles. Each column's best
rows are those above a level that a sample of the rows sets (its second largest among
every 16th row), so that the matrix is multiplied once and not a second time transposed.
Levels only decide which pairs are tried first.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.compiled import availability
from saecore.linear import linear
from saecore.measures.algebra.nearest import SIZES, TILE_COLUMNS, TILE_ROWS, nearest
from saecore.sparse import top_k

SAMPLE = 16
"""Every 16th row sets the columns' levels."""
SCANNED = 2048
"""Columns of a tile that is scanned: 2 MB, so that it stays in the cache."""
GROUP = 16
"""Rows whose maximum is looked at before they are."""


class Candidates(NamedTuple):
    """Candidate pairs of an assignment: each row's best columns and each column's best
    rows.
    """

    value: Float[Tensor, "row rank"]
    """Largest cosines of each row, falling."""
    column: Int[Tensor, "row rank"]
    """Where they are."""
    back: "LikelyPairs"
    """Best rows of the columns, at most `per_column` of each."""
    column_bound: Float[Tensor, "column"]
    """Cosines of the column that are not in `back` are at most this."""
    column_best: Float[Tensor, "column"]
    """Largest cosine of the column."""


class LikelyPairs(NamedTuple):
    """Some entries of the matrix."""

    row: Int[Tensor, "pair"]
    column: Int[Tensor, "pair"]
    value: Float[Tensor, "pair"]


def candidates(
    a: Float[Tensor, "row d_model"],
    b: Float[Tensor, "column d_model"],
    *,
    per_row: int,
    per_column: int,
    progress: Callable[[int], None] | None = None,
) -> Candidates:
    """Candidate pairs of an assignment, best of both sides; 2 row column d_model FLOP
    and memory of order row + column.

    `progress` is told of rows as they are multiplied.
    """
    report = progress or (lambda count: None)
    if a.device.type == "cpu" and availability.available():
        return _scanned(a, b, per_row, per_column, report)
    return _multiplied(a, b, per_row, per_column, report)


def _scanned(
    a: Tensor,
    b: Tensor,
    per_row: int,
    per_column: int,
    report: Callable[[int], None],
) -> Candidates:
    """Tile by tile through the lists of the largest entries."""
    from saecore.measures.algebra.transport.largest_entries import (
        cut_all,
        no_entries,
        scan,
    )

    kind = a.numpy().dtype
    columns, mark = no_entries(len(b), per_column, kind), np.zeros(SCANNED, np.uint8)
    value = a.new_empty(len(a), per_row)
    where = torch.empty(len(a), per_row, dtype=torch.int32)
    for i in range(0, len(a), TILE_ROWS):
        some = a[i : i + TILE_ROWS]
        rows = no_entries(len(some), per_row, kind)
        for j in range(0, len(b), SCANNED):
            others = b[j : j + SCANNED]
            tile = linear(some, others, others.new_zeros(len(others)))
            scan(tile.numpy(), i, j, rows, columns, mark)
        cut_all(rows, per_row)
        found = (torch.from_numpy(x[:, :per_row]) for x in (rows.value, rows.where))
        ordered, order = next(found).sort(descending=True, stable=True)
        value[i : i + TILE_ROWS] = ordered
        where[i : i + TILE_ROWS] = next(found).gather(1, order)
        report(len(some))
    cut_all(columns, per_column)
    inside = np.arange(2 * per_column) < columns.size[:, None]
    back = LikelyPairs(
        torch.from_numpy(columns.where[inside].astype(np.int64)),
        torch.from_numpy(inside.nonzero()[0]),
        torch.from_numpy(columns.value[inside]),
    )
    level, best = torch.from_numpy(columns.level), a.new_full((len(b),), -torch.inf)
    best.scatter_reduce_(0, back.column, back.value, "amax")
    return Candidates(value, where, back, level, best)


def _multiplied(
    a: Tensor,
    b: Tensor,
    per_row: int,
    per_column: int,
    report: Callable[[int], None],
) -> Candidates:
    """Tile by tile through a top-k of the rows and levels of the columns."""
    n, m = len(a), len(b)
    level, best = _levels(a, b), a.new_full((m,), -torch.inf)
    height = TILE_ROWS if a.device.type == "cpu" else 16 * TILE_ROWS
    values, columns, pairs, held = [], [], [], 0
    for i in range(0, n, height):
        tops = []
        for j in range(0, m, TILE_COLUMNS):
            tile = torch.mm(a[i : i + height], b[j : j + TILE_COLUMNS].T)
            value, index = top_k(tile, min(per_row, tile.shape[1]), sizes=SIZES)
            tops.append((value, index + j))
            here = slice(j, j + tile.shape[1])
            found, largest = _above(tile, level[here])
            best[here] = torch.maximum(best[here], largest)
            pairs.append(LikelyPairs(found.row + i, found.column + j, found.value))
            held += len(found.row)
        value, order = torch.cat([t[0] for t in tops], 1).topk(min(per_row, m), dim=1)
        values.append(value)
        columns.append(torch.cat([t[1] for t in tops], 1).gather(1, order))
        if held > 4 * per_column * m or i + height >= n:
            kept, level = _keep_best(pairs, level, per_column)
            pairs, held = [kept], len(kept.row)
        report(len(a[i : i + height]))
    return Candidates(torch.cat(values), torch.cat(columns), pairs[0], level, best)


def _levels(a: Tensor, b: Tensor) -> Tensor:
    """For each column the second largest of its sampled cosines: about 32 of all lie
    above it.
    """
    sample = a[::SAMPLE]
    if len(sample) < 2:
        return a.new_full((len(b),), -torch.inf)
    return nearest(b, sample, count=2).value[:, 1]


def _above(tile: Tensor, level: Tensor) -> tuple[LikelyPairs, Tensor]:
    """Entries above the level of their column, and the largest entry of each column."""
    rows, columns = tile.shape
    size = GROUP if rows % GROUP == 0 else 1
    largest = tile.view(rows // size, size, columns).amax(1)
    group, column = (largest > level).nonzero().unbind(1)
    row = (group * size)[:, None] + torch.arange(size, device=tile.device)
    value = tile[row, column[:, None]]
    hit, member = (value > level[column, None]).nonzero().unbind(1)
    return LikelyPairs(row[hit, member], column[hit], value[hit, member]), largest.amax(
        0
    )


def _keep_best(
    pairs: list[LikelyPairs], level: Tensor, count: int
) -> tuple[LikelyPairs, Tensor]:
    """At most `count` entries of each column, the largest, and the levels that this
    leaves.
    """
    row, column, value = (torch.cat(part) for part in zip(*pairs, strict=True))
    order = value.argsort(descending=True)
    order = order[column[order].argsort(stable=True)]
    row, column, value = row[order], column[order], value[order]
    size = torch.bincount(column, minlength=len(level))
    rank = (
        torch.arange(len(column), device=column.device)
        - (size.cumsum(0) - size)[column]
    )
    last = rank == count - 1
    level = level.clone()
    level[column[last]] = torch.maximum(level[column[last]], value[last])
    keep = rank < count
    return LikelyPairs(row[keep], column[keep], value[keep]), level
