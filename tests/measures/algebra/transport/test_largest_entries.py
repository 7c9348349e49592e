"""Largest entries by scanning tiles are those of a sort."""

import numpy as np
import pytest

from saecore.measures.algebra.transport.largest_entries import (
    Largest,
    cut_all,
    no_entries,
    scan,
    scan_rows,
)


def scanned(
    matrix: np.ndarray, keep: int, *, height: int = 64, width: int = 24
) -> tuple[list[Largest], Largest]:
    """The lists of the rows, block by block, and those of the columns."""
    columns, mark = (
        no_entries(matrix.shape[1], keep, matrix.dtype),
        np.zeros(24, np.uint8),
    )
    blocks = []
    for i in range(0, len(matrix), height):
        some = matrix[i : i + height]
        rows = no_entries(len(some), keep, matrix.dtype)
        for j in range(0, matrix.shape[1], width):
            tile = np.ascontiguousarray(some[:, j : j + width])
            scan(tile, i, j, rows, columns, mark)
        cut_all(rows, keep)
        blocks.append(rows)
    cut_all(columns, keep)
    return blocks, columns


def assert_largest(found: Largest, lines: np.ndarray, keep: int) -> None:
    """Each list holds its line's largest entries, and the level bounds the others."""
    for line, numbers in enumerate(lines):
        size = min(keep, len(numbers))
        assert found.size[line] == size
        value, where = found.value[line, :size], found.where[line, :size]
        np.testing.assert_array_equal(
            np.sort(value), np.sort(numbers)[::-1][:size][::-1]
        )
        np.testing.assert_array_equal(numbers[where], value)
        assert len(set(where.tolist())) == size
        rest = np.delete(numbers, where)
        assert not len(rest) or rest.max() <= found.level[line]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("shape", "keep"), [((1, 1), 1), ((150, 70), 5), ((3, 200), 40)]
)
def test_lists_hold_the_largest_entries_of_both_sides(shape, keep, dtype):
    matrix = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    blocks, columns = scanned(matrix, keep)
    for i, rows in enumerate(blocks):
        assert_largest(rows, matrix[64 * i : 64 * i + 64], keep)
    assert_largest(columns, matrix.T, keep)


def test_ties_and_falling_and_rising_lines_are_no_harder():
    matrix = np.sort(np.random.default_rng(1).integers(0, 4, (40, 130)), axis=1) / 4.0
    for one in (matrix, matrix[:, ::-1].copy(), np.ones_like(matrix)):
        blocks, columns = scanned(one, 7)
        assert_largest(blocks[0], one, 7)
        assert_largest(columns, one.T, 7)


def test_a_discount_by_column_counts_and_a_level_is_a_floor():
    matrix = np.random.default_rng(2).standard_normal((30, 90)).astype(np.float32)
    discount = np.linspace(0, 2, 90).astype(np.float32)
    lists, mark = no_entries(30, 4, np.float32), np.zeros(96, np.uint8)
    lists.level[:] = 0.5
    scan_rows(matrix, 100, discount, lists, mark)
    cut_all(lists, 4)
    for i, net in enumerate(matrix - discount):
        best = np.sort(net[net > 0.5])[::-1][:4]
        assert lists.size[i] == len(best)
        np.testing.assert_array_equal(np.sort(lists.value[i, : len(best)]), best[::-1])
        where = lists.where[i, : len(best)] - 100
        np.testing.assert_array_equal(net[where], lists.value[i, : len(best)])
        assert lists.level[i] >= max(0.5, np.sort(net)[-len(best) - 1])
