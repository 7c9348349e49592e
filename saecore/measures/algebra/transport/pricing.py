"""Pairs that are worth more than their prices, found among all pairs of rows; compiled
with numba, so import it only where it is needed.
"""

from typing import NamedTuple, no_type_check

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from saecore.compiled.loops import loop
from saecore.linear import linear
from saecore.measures.algebra.transport.largest_entries import (
    cut_all,
    no_entries,
    scan_rows,
)

EXCEEDS = 1e-12
"""A pair that exceeds its prices by less is none."""
BLOCK = 256
"""Rows multiplied again at a time."""
REACH = 0.02
"""How far below its prices a row that is multiplied again is looked at."""
LEAST, MOST = 32, 1 << 17
"""Pairs of a row that is multiplied again: how many are found at first, and at most."""
HELD = 1 << 19
"""Pairs that are looked for at a time."""
WIDTH = 2048
"""Columns of a tile."""


class Pool(NamedTuple):
    """What is known of all cosines: each row's best columns, and bounds of the rest."""

    value: Float[ndarray, "row rank"]
    """Cosines in the precision of the rows."""
    column: Int[ndarray, "row rank"]
    row_bound: Float[ndarray, "row"]
    """Cosines outside the row's pool are at most this."""
    column_bound: Float[ndarray, "column"]
    """All but few cosines of the column, which are edges, are at most this."""


class Found(NamedTuple):
    """Pairs near their prices or above them."""

    row: Int[ndarray, "pair"]
    column: Int[ndarray, "pair"]
    value: Float[ndarray, "pair"]
    """Cosines, in double precision."""
    excess: Float[ndarray, "pair"]
    """s_ij - u_i - p_j."""

    @property
    def above(self) -> bool:
        """Whether any pair exceeds its prices."""
        return bool((self.excess > EXCEEDS).any())

    def joined(self, more: "Found") -> "Found":
        """These pairs and some more."""
        return Found(*map(np.concatenate, zip(self, more, strict=True)))


def margin_of(rows: Float[Tensor, "row d_model"]) -> float:
    """Margin of a product: twice what rounding may change in a cosine of these rows.

    Rounding errors of d_model products add up like sqrt(d_model); 1e-6 more for prices
    in single precision and for ties.
    """
    if rows.dtype == torch.float64:
        return 1.5e-6
    return 2e-6 + 2.4e-7 * rows.shape[1] ** 0.5


@loop
@no_type_check
def cosines(a, b, row, column):
    """Products of rows of a with rows of b, pair by pair, in double precision."""
    out = np.empty(len(row))
    for e in range(len(row)):
        one, other, total = a[row[e]], b[column[e]], 0.0
        for i in range(len(one)):
            total += np.float64(one[i]) * np.float64(other[i])
        out[e] = total
    return out


class Pricing:
    """Checks prices, which may only rise from check to check, against all pairs of two
    sets of unit rows.
    """

    def __init__(self, a: Tensor, b: Tensor, pool: Pool) -> None:
        self.a, self.b, self.pool, self.margin = a, b, pool, margin_of(a)
        self.arrays = a.cpu().numpy(), b.cpu().numpy()
        self.unseen = np.full(len(a), np.inf)

    def check(self, u: Float[ndarray, "row"], price: Float[ndarray, "column"]) -> Found:
        """Pairs near their prices or above them, of the pool, or if there none is
        above, of all; the caller keeps them.

        A row that cannot be cleared otherwise is multiplied again. Its best pairs are
        found, down to some way below its prices; more of them, if they are all near.
        What is not found was worth at most so much (`unseen`), and will be worth less
        when prices have risen.
        """
        found = self._exact(*self._in_pool(u, price), u, price)
        if found.above:
            return found
        self.unseen = np.minimum(self.unseen, self._bound(price))
        count = LEAST
        while not found.above and count <= MOST:
            doubtful = np.flatnonzero(self.unseen > u - self.margin)
            found = found.joined(self._multiplied(doubtful, u, price, count))
            count *= 8
        return found

    def _multiplied(
        self, doubtful: ndarray, u: ndarray, price: ndarray, count: int
    ) -> Found:
        none = np.empty(0, np.int64)
        found = self._exact(none, none, u, price)
        size = max(1, min(BLOCK, HELD // count))
        for start in range(0, len(doubtful), size):
            rows = doubtful[start : start + size]
            outside = self._outside(rows, u[rows], price, min(count, len(self.b)))
            found = found.joined(self._exact(*outside, u, price))
        return found

    def slack(self, u: Float[ndarray, "row"]) -> Float[ndarray, "row"]:
        """By row the most that a pair that was never found may exceed its prices by."""
        excess = self.unseen + self.margin - u
        return np.where(self.unseen > u - self.margin, excess, 0.0)

    def _in_pool(self, u: ndarray, price: ndarray) -> tuple[ndarray, ndarray]:
        kind = self.pool.value.dtype
        least, low = (u - self.margin).astype(kind), price.astype(kind)
        near = self.pool.value - low[self.pool.column] > least[:, None]
        return near.nonzero()[0], self.pool.column[near]

    def _exact(
        self, row: ndarray, column: ndarray, u: ndarray, price: ndarray
    ) -> Found:
        value = cosines(*self.arrays, row, column)
        return Found(row, column, value, value - u[row] - price[column])

    def _bound(self, price: ndarray) -> ndarray:
        """For each row the most that s_ij - p_j can be outside its pool: max_j of
        min(row bound, column bound) - p_j.
        """
        order = np.argsort(self.pool.column_bound)
        bound, price = self.pool.column_bound[order], price[order]
        # columns whose own bound is the smaller
        low = np.r_[-np.inf, np.maximum.accumulate(bound - price)]
        # the others
        cheapest = np.r_[np.minimum.accumulate(price[::-1])[::-1], np.inf]
        at = np.searchsorted(bound, self.pool.row_bound)
        return np.maximum(low[at], self.pool.row_bound - cheapest[at])

    def _outside(
        self, rows: ndarray, u: ndarray, price: ndarray, count: int
    ) -> tuple[ndarray, ndarray]:
        """The best pairs of some rows, at most `count` of each."""
        kind = self.pool.value.dtype
        lists = no_entries(len(rows), count, kind)
        lists.level[:] = u - self.margin - REACH
        chosen = self.a[torch.from_numpy(rows).to(self.a.device)]
        mark = np.zeros(WIDTH, np.uint8)
        for left in range(0, len(self.b), WIDTH):
            there = self.b[left : left + WIDTH]
            tile = linear(chosen, there, there.new_zeros(len(there))).cpu().numpy()
            discount = price[left : left + WIDTH].astype(kind)
            scan_rows(tile, left, discount, lists, mark)
        cut_all(lists, count)
        self.unseen[rows] = lists.level
        inside = np.arange(lists.where.shape[1]) < lists.size[:, None]
        return rows[inside.nonzero()[0]], lists.where[inside]
