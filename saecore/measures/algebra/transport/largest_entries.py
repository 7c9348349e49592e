"""The largest entries of each row and of each column of a matrix that is seen tile by
tile; compiled with numba, so import it only where it is needed.

Every line (a row, or a column) has a list with room for twice as many entries as are
kept. An entry is looked at if it exceeds the level of its line, the smallest entry that
would be kept so far; a full list is cut to its largest half, which raises the level.
Most of a tile is below all levels, and is passed over eight entries at a time.
"""

from typing import NamedTuple, no_type_check

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from saecore.compiled.loops import strict_loop


class Largest(NamedTuple):
    """The largest entries of some lines, in no order, and what is known of the rest."""

    value: Float[ndarray, "line place"]
    """Entries; those from `size` on mean nothing."""
    where: Int[ndarray, "line place"]
    """Number of the crossing line."""
    size: Int[ndarray, "line"]
    """How many entries the list has."""
    level: Float[ndarray, "line"]
    """Entries that are not in the list are at most this."""


def no_entries(lines: int, keep: int, dtype: type | np.dtype) -> Largest:
    """Empty lists for the `keep` largest entries of each line."""
    return Largest(
        np.empty((lines, 2 * keep), dtype),
        np.empty((lines, 2 * keep), np.int32),
        np.zeros(lines, np.int32),
        np.full(lines, -np.inf, dtype),
    )


@strict_loop
@no_type_check
def scan(tile, top, left, rows, columns, mark):
    """Take the entries of a tile into the lists of its rows and its columns.

    `top` and `left` are the matrix's numbers of its first row and column. `rows` has
    the lists of this tile's rows alone, `columns` those of all columns. `mark` is room
    for one byte per column of the tile, and a multiple of eight.
    """
    height, width = tile.shape
    level, words = columns.level[left : left + width], mark.view(np.uint64)
    for i in range(height):
        line, least = tile[i], rows.level[i]
        for j in range(width):
            mark[j] = (line[j] > least) | (line[j] > level[j])
        for word in range(len(words)):
            if words[word] != 0:
                for j in range(8 * word, min(8 * word + 8, width)):
                    if line[j] > rows.level[i]:
                        _put(rows, i, line[j], left + j)
                    if line[j] > level[j]:
                        _put(columns, left + j, line[j], top + i)


@strict_loop
@no_type_check
def scan_rows(tile, left, discount, rows, mark):
    """Take the entries less the discount of their columns into the lists of the
    rows.
    """
    height, width = tile.shape
    words = mark.view(np.uint64)
    for i in range(height):
        line, least = tile[i], rows.level[i]
        for j in range(width):
            mark[j] = line[j] - discount[j] > least
        for word in range(len(words)):
            if words[word] != 0:
                for j in range(8 * word, min(8 * word + 8, width)):
                    if line[j] - discount[j] > rows.level[i]:
                        _put(rows, i, line[j] - discount[j], left + j)


@strict_loop
@no_type_check
def _put(lists, line, entry, at):
    """Put an entry into the list of a line, and cut the list when it is full."""
    last = lists.size[line]
    lists.value[line, last], lists.where[line, last] = entry, at
    lists.size[line] = last + 1
    if last + 1 == lists.value.shape[1]:
        keep = lists.value.shape[1] // 2
        lists.level[line] = _cut(lists.value[line], lists.where[line], keep)
        lists.size[line] = keep


@strict_loop
@no_type_check
def _cut(value, where, keep):
    """Bring the `keep` largest entries to the front (quickselect); the largest of the
    rest.
    """
    low, high = 0, len(value) - 1
    while low < high:
        pivot, i, j = value[(low + high) // 2], low, high
        while i <= j:
            while value[i] > pivot:
                i += 1
            while value[j] < pivot:
                j -= 1
            if i <= j:
                value[i], value[j] = value[j], value[i]
                where[i], where[j] = where[j], where[i]
                i, j = i + 1, j - 1
        high = j if keep - 1 <= j else high
        low = i if keep - 1 >= i else low
        if j < keep - 1 < i:
            break
    return value[keep:].max()


@strict_loop
@no_type_check
def cut_all(lists, keep):
    """Cut the list of every line to its `keep` largest entries."""
    for line in range(len(lists.size)):
        size = lists.size[line]
        if size > keep:
            value, where = lists.value[line, :size], lists.where[line, :size]
            lists.level[line] = max(lists.level[line], _cut(value, where, keep))
            lists.size[line] = keep
