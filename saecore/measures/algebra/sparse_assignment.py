"""The assignment problem solved on the likely pairs, then proven on all pairs.

1. Candidates: each row's best columns and each column's best rows (hubs and orphans
   need both sides).
2. Solve: SciPy's sparse solver (LAPJVsp) on reduced costs u_i + p_j - s_ij >= 0.
3. Prices from the solution (`dual_prices`).
4. Pricing: every pair with s_ij > u_i + p_j becomes a candidate; solve again until
   there is none. A row is cleared without multiplying it again if what is known of its
   other cosines, at most the last of its pool and at most the last of the column's
   list, cannot exceed its prices.

Ties that rounding makes unequal would be its undoing: two rows that want one column bid
its price up by the difference, step by step (seen: hours at 250 rows). So the problem
is solved on a coarse grid of cosines first, and its prices are refined on a fine one;
on a grid, sums are exact and ties are ties.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from torch import Tensor

from saecore.measures.algebra.dual_prices import auction_prices, edge_prices
from saecore.measures.algebra.likely_pairs import candidates

POOL = 96
"""Best columns of each row that are kept."""
ACTIVE = 24
"""Of these, candidates from the start; also the best rows of each column."""
ADDED = 8
"""Violated pairs added per row and round."""
BLOCK = 256
"""Rows multiplied again at a time."""
GRIDS = (2.0**14, 2.0**24, 2.0**34)
"""Cosines are rounded to whole multiples of 1 / grid, coarse to fine."""
ONE_GRID = (2.0**20,)
"""Of unequal widths, where prices cannot be handed on."""


class Solution(NamedTuple):
    """An optimal assignment, its dual prices, and the best cosines seen on the way."""

    partner: Int[ndarray, "row"]
    """Column of each row."""
    row_price: Float[ndarray, "row"]
    """The rows' prices u."""
    column_price: Float[ndarray, "column"]
    """The columns' prices p."""
    gap: float
    """The sum of all prices minus that of the matched cosines."""
    rounds: int
    """Sparse solves; 0 for the dense solver."""
    row_best: Float[Tensor, "row"] | None
    """Largest cosine of each row."""
    column_best: Float[Tensor, "column"] | None
    """Largest cosine of each column."""


class _Pool(NamedTuple):
    """Each row's best columns and each column's best rows, on the CPU."""

    value: Float[ndarray, "row rank"]
    column: Int[ndarray, "row rank"]
    row_bound: Float[ndarray, "row"]
    """Cosines outside the row's pool are at most this."""
    column_bound: Float[ndarray, "column"]
    """Cosines outside the column's list are at most this."""


class _Edges(NamedTuple):
    """Candidate pairs, sorted by row then column."""

    key: Int[ndarray, "edge"]
    """Number of the pair: row * columns + column."""
    value: Float[ndarray, "edge"]
    """Cosine, float64, on the grid."""


def solve_sparse(
    a: Float[Tensor, "row d_model"], b: Float[Tensor, "column d_model"]
) -> Solution:
    """Sparse optimal assignment of unit rows, no more rows than columns; exact, with
    memory of order row + column.
    """
    n, m = len(a), len(b)
    pool, edges, row_best, column_best = _start(a, b)
    price, grids = np.zeros(m), ONE_GRID
    if n == m:
        price = auction_prices(pool.value[:, :ACTIVE], pool.column[:, :ACTIVE])
        grids = GRIDS[:2] if a.dtype == torch.float32 else GRIDS
    result = _Proven(edges, np.empty(0, np.int64), np.empty(0), price, 0)
    for grid in grids:
        result = _prove(a, b, pool, result, grid)
    edges, partner, u, price, rounds = result
    gap = (
        price.sum()
        + u.sum()
        - edges.value[np.searchsorted(edges.key, np.arange(n) * m + partner)].sum()
    )
    return Solution(
        partner, u, price, float(max(gap, 0.0)), rounds, row_best, column_best
    )


class _Proven(NamedTuple):
    """An assignment that is optimal, on a grid, among all pairs."""

    edges: _Edges
    partner: Int[ndarray, "row"]
    row_price: Float[ndarray, "row"]
    column_price: Float[ndarray, "column"]
    rounds: int


def _prove(a: Tensor, b: Tensor, pool: _Pool, before: _Proven, grid: float) -> _Proven:
    """Solve and add what is violated until nothing is, from the candidates and prices
    of a coarser grid.
    """
    edges, price, rounds = before.edges, before.column_price, before.rounds
    tolerance = max(2e-6 if a.dtype == torch.float32 else 1e-10, 2 / grid)
    while True:
        rounds += 1
        start = price if len(a) == len(b) else np.zeros(len(b))
        partner, u, price = _solve_edges(edges, start, len(a), len(b), grid)
        found, slack = _violations(a, b, u, price, pool, edges, tolerance)
        if found is None:
            return _Proven(edges, partner, u + slack, price, rounds)
        edges = _merge(edges, found)


def _start(a: Tensor, b: Tensor) -> tuple[_Pool, _Edges, Tensor, Tensor]:
    """What is kept of the cosines, the first candidates, and the largest cosine of each
    row and column.
    """
    n, m = len(a), len(b)
    found = candidates(a, b, per_row=min(POOL, m), per_column=ACTIVE)
    value, column = (
        found.value.cpu().numpy(),
        found.column.cpu().numpy().astype(np.int32),
    )
    row_bound = value[:, -1].copy() if value.shape[1] < m else np.full(n, -np.inf)
    line, active = np.arange(n), column[:, :ACTIVE]
    diagonal = (a * b[:n]).sum(1)  # so that every row can be matched
    back_row, back_column, back_value = (x.cpu().numpy() for x in found.back)
    key = [
        (line[:, None] * m + active).ravel(),
        back_row * m + back_column,
        line * (m + 1),
    ]
    values = [value[:, :ACTIVE].ravel(), back_value, diagonal.cpu().numpy()]
    edges = _merge(
        _Edges(np.empty(0, np.int64), np.empty(0)),
        _Edges(np.concatenate(key), np.concatenate(values)),
    )
    pool = _Pool(value, column, row_bound, found.column_bound.cpu().numpy())
    return pool, edges, found.value[:, 0].cpu(), found.column_best.cpu()


def _merge(edges: _Edges, more: _Edges) -> _Edges:
    key, first = np.unique(np.concatenate([edges.key, more.key]), return_index=True)
    return _Edges(
        key, np.concatenate([edges.value, more.value.astype(np.float64)])[first]
    )


def _solve_edges(
    edges: _Edges, price: ndarray, n: int, m: int, grid: float
) -> tuple[ndarray, ndarray, ndarray]:
    """The optimum among the candidates on a grid, and prices that prove it there."""
    row, column = np.divmod(edges.key, m)
    value, price = np.round(edges.value * grid) / grid, np.round(price * grid) / grid
    reach = np.maximum.reduceat(
        value - price[column], np.searchsorted(row, np.arange(n))
    )
    reduced = reach[row] + price[column] - value
    # + 1: no explicit zeros
    graph = csr_matrix((reduced + 1.0, (row, column)), shape=(n, m))
    matched_row, matched = min_weight_full_bipartite_matching(graph)
    partner = np.empty(n, np.int64)
    partner[matched_row] = matched
    at_match = np.searchsorted(edges.key, np.arange(n) * m + partner)
    price = price + edge_prices(
        row, column, reduced[at_match][row] - reduced, partner, m
    )
    return partner, value[at_match] - price[partner], price


def _violations(
    a: Tensor,
    b: Tensor,
    u: ndarray,
    price: ndarray,
    pool: _Pool,
    edges: _Edges,
    tolerance: float,
) -> tuple[_Edges | None, ndarray]:
    """Pairs worth more than their prices by the tolerance, or None; and by row what is
    left below it.
    """
    n, m = len(u), len(price)
    row, column = np.divmod(edges.key, m)
    inside = (
        np.maximum.reduceat(
            edges.value - price[column], np.searchsorted(row, np.arange(n))
        )
        - u
    )
    excess = pool.value - u[:, None] - price[pool.column]
    if (excess > tolerance).any():
        return _largest(
            excess, pool.value, pool.column, np.arange(n), m, tolerance
        ), inside
    slack = np.maximum(np.maximum(excess.max(1), inside), _bound(pool, price) - u).clip(
        min=0
    )
    doubtful = np.flatnonzero(slack > tolerance)
    found = []
    for start in range(0, len(doubtful), BLOCK):
        block = doubtful[start : start + BLOCK]
        value = (a[torch.from_numpy(block).to(a.device)] @ b.T).cpu().numpy()
        excess = value - u[block, None] - price
        slack[block] = np.maximum(excess.max(1), inside[block]).clip(min=0)
        if excess.max() > tolerance:
            found.append(_largest(excess, value, None, block, m, tolerance))
    if not found:
        return None, slack
    return _Edges(*(np.concatenate(part) for part in zip(*found, strict=True))), slack


def _bound(pool: _Pool, price: ndarray) -> ndarray:
    """For each row the most that s_ij - p_j can be outside its pool: max_j min(row,
    column bound) - p_j.
    """
    order = np.argsort(pool.column_bound)
    bound, price = pool.column_bound[order], price[order]
    low = np.r_[
        -np.inf, np.maximum.accumulate(bound - price)
    ]  # columns whose own bound is the smaller
    cheapest = np.r_[np.minimum.accumulate(price[::-1])[::-1], np.inf]  # the others
    at = np.searchsorted(bound, pool.row_bound)
    return np.maximum(low[at], pool.row_bound - cheapest[at])


def _largest(excess, value, index, rows, m, tolerance) -> _Edges:
    """The worst violated pairs of each row, ADDED at most; ties are broken by chance,
    not by position.
    """
    guilty = np.flatnonzero(excess.max(1) > tolerance)
    excess, value = excess[guilty], value[guilty]
    noise = (
        np.random.default_rng(len(guilty)).random(excess.shape, np.float32) * tolerance
    )
    count = min(ADDED, excess.shape[1])
    top = np.argpartition(-(excess + noise), count - 1, axis=1)[:, :count]
    keep = np.take_along_axis(excess, top, 1) > tolerance
    column = top if index is None else np.take_along_axis(index[guilty], top, 1)
    key = rows[guilty][:, None] * m + column.astype(np.int64)
    return _Edges(key[keep], np.take_along_axis(value, top, 1)[keep])
