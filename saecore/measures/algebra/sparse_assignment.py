"""The assignment problem solved on the likely pairs, then proven on all pairs; compiled
with numba, so import it only where it is needed.

1. Equal rows are one row with a supply, equal columns one column with a capacity; rows
   of zeros, and the columns that stay unmatched, are one row that is worth 0 with every
   column. What is left is a transportation problem, in balance.
2. Candidates: each row's best columns and each column's best rows (hubs and orphans
   need both sides), their cosines worked out again in double precision.
3. Solve: prices from a rough auction, then shortest augmenting paths.
4. Pricing: every pair with s_ij > u_i + p_j becomes a candidate, the rows that would
   rather have it give back their column, and paths are searched for these alone, until
   there is no such pair. A row is cleared without multiplying it again if what is known
   of its other cosines, at most the last of its pool and at most the last of the
   column's list, cannot exceed its prices.

Products in single precision only say which pairs to look at: a pair that comes near its
prices is worked out again in double precision.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from saecore.measures.algebra.dual_prices import Solution
from saecore.measures.algebra.likely_pairs import Candidates, candidates
from saecore.measures.algebra.nearest import nearest
from saecore.measures.algebra.transport.auction import auction
from saecore.measures.algebra.transport.augmenting_paths import augment, new_search
from saecore.measures.algebra.transport.equal_rows import (
    Distinct,
    distinct_rows,
    one_of_each,
    split_by_kind,
)
from saecore.measures.algebra.transport.flow import (
    Flow,
    Graph,
    best_prices,
    bid,
    no_flow,
    release,
)
from saecore.measures.algebra.transport.pricing import Pool, Pricing, cosines
from saecore.measures.algebra.transport.ties import TIE, on_a_cycle

POOL = 64
"""Best columns of each row that are kept."""
ACTIVE = 24
"""Of these, candidates from the start; also the best rows of each column."""
AUCTION_STEPS = (1e-2, 1e-3, 1e-4)
"""Steps of the auction."""
BIDS = 50
"""Bids per row and step, at most."""
PASSES = 5
"""Rounds of bidding without a step, before paths are searched."""
PATHS = 256
"""Paths between two reports of progress, and heavy rows at a time."""


class _Edges(NamedTuple):
    """Candidate pairs, sorted by row then column."""

    key: Int[ndarray, "edge"]
    """Number of the pair: row * columns + column."""
    value: Float[ndarray, "edge"]
    """Cosine, in double precision."""


class _Sides(NamedTuple):
    """The kinds of rows and columns, and how many of each there are."""

    a: Float[Tensor, "row d_model"]
    b: Float[Tensor, "column d_model"]
    rows: Distinct
    columns: Distinct
    supply: Int[ndarray, "row+1"]
    """Of each kind of row, and of the row of zeros."""


def solve_sparse(
    a: Float[Tensor, "row d_model"],
    b: Float[Tensor, "column d_model"],
    *,
    progress: Callable[[int], None] | None = None,
) -> Solution:
    """Sparse optimal assignment of unit or zero rows, no more rows than columns; exact,
    with memory of order row + column.

    `progress` is told of rows that are multiplied, and of rows that got a column: each
    row twice in all.
    """
    report = progress or (lambda count: None)
    sides = _sides(a, b)
    if not len(sides.a):
        return _nothing_live(len(a), len(b))
    found = candidates(
        sides.a,
        sides.b,
        per_row=min(POOL, len(sides.b)),
        per_column=min(ACTIVE, len(sides.a)),
        progress=report,
    )
    report(len(a) - len(sides.a))
    edges, pool = _first_edges(sides, found), _pool(found, len(sides.b))
    graph, flow, u, rounds = _proven(sides, edges, pool, report)
    report(len(a) - int(sides.supply[:-1].sum()))
    return _as_solution(sides, graph, flow, u, rounds, found)


def _sides(a: Tensor, b: Tensor) -> _Sides:
    """Kinds of the rows that are not zero, and of all columns."""
    live = np.flatnonzero(a.any(1).cpu().numpy())
    some = a if len(live) == len(a) else a[torch.from_numpy(live).to(a.device)]
    found, columns = distinct_rows(some), distinct_rows(b)
    kind = np.full(len(a), len(found.first))
    kind[live] = found.kind
    rows = Distinct(live[found.first], found.members, kind)
    supply = np.r_[found.members, len(b) - len(live)].astype(np.int32)
    return _Sides(
        one_of_each(some, found), one_of_each(b, columns), rows, columns, supply
    )


def _nothing_live(n: int, m: int) -> Solution:
    tied = np.full(n, m > 1)
    return Solution(np.arange(n), np.zeros(n), np.zeros(m), 0.0, 0, None, None, tied)


def _pool(found: Candidates, columns: int) -> Pool:
    value = found.value.cpu().numpy()
    row_bound = np.full(len(value), -np.inf)
    if value.shape[1] < columns:
        row_bound = value[:, -1].astype(np.float64)
    column_bound = found.column_bound.cpu().numpy().astype(np.float64)
    return Pool(value, found.column.cpu().numpy(), row_bound, column_bound)


def _first_edges(sides: _Sides, found: Candidates) -> _Edges:
    """Best columns of each row and best rows of each column, more of them where there
    are many equal ones; every row with the columns of zeros; and a way to match all.
    """
    n, m = len(sides.a), len(sides.b)
    active = found.column[:, :ACTIVE].cpu().numpy().astype(np.int64)
    units = np.repeat(np.arange(n), sides.supply[:-1])
    places = np.repeat(np.arange(m), sides.columns.members)[: len(units)]
    zero = np.flatnonzero(~sides.b.any(1).cpu().numpy())
    row, column = _of_heavy(sides.a, sides.b, sides.supply[:-1])
    other, back = _of_heavy(sides.b, sides.a, sides.columns.members)
    keys = [
        (np.arange(n)[:, None] * m + active).ravel(),
        found.back.row.cpu().numpy() * m + found.back.column.cpu().numpy(),
        units * m + places,
        (np.arange(n)[:, None] * m + zero).ravel(),
        row * m + column,
        back * m + other,
    ]
    key = np.sort(np.concatenate(keys))
    key = key[np.diff(key, prepend=-1) > 0]
    return _Edges(key, _values(sides, key))


def _of_heavy(a: Tensor, b: Tensor, count: ndarray) -> tuple[ndarray, ndarray]:
    """Pairs of rows of a that stand for many: as many of their best rows of b, and some
    more.
    """
    heavy = np.flatnonzero(count > ACTIVE)
    heavy = heavy[np.argsort(count[heavy], kind="stable")]
    rows, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for i in range(0, len(heavy), PATHS):
        some = heavy[i : i + PATHS]
        most = min(len(b), int(count[some].max()) + ACTIVE)
        best = nearest(a[torch.from_numpy(some).to(a.device)], b, count=most)
        wanted = np.arange(most) < (count[some] + ACTIVE)[:, None]
        rows.append(np.broadcast_to(some[:, None], wanted.shape)[wanted])
        others.append(best.other.cpu().numpy()[wanted])
    return np.concatenate(rows), np.concatenate(others)


def _values(sides: _Sides, key: ndarray) -> ndarray:
    row, column = np.divmod(key, len(sides.b))
    return cosines(sides.a.cpu().numpy(), sides.b.cpu().numpy(), row, column)


def _merge(edges: _Edges, key: ndarray, value: ndarray) -> _Edges:
    """The edges with some more, of which most may be among them."""
    at = np.minimum(np.searchsorted(edges.key, key), len(edges.key) - 1)
    new = edges.key[at] != key
    key, value = key[new], value[new]
    order = np.argsort(key, kind="stable")
    at = np.searchsorted(edges.key, key[order])
    return _Edges(
        np.insert(edges.key, at, key[order]), np.insert(edges.value, at, value[order])
    )


def _graph(sides: _Sides, edges: _Edges) -> Graph:
    n, m = len(sides.a), len(sides.b)
    start = np.searchsorted(edges.key, np.arange(n + 1) * m)
    slot = np.r_[0, np.cumsum(sides.columns.members)].astype(np.int64)
    column = (edges.key % m).astype(np.int32)
    return Graph(start, column, edges.value, sides.supply, slot)


def _proven(
    sides: _Sides, edges: _Edges, pool: Pool, report: Callable[[int], None]
) -> tuple[Graph, Flow, ndarray, int]:
    """Solve and add what is violated until nothing is: the last graph, what flows on
    it, the prices of the rows, and the rounds.
    """
    graph, pricing = _graph(sides, edges), Pricing(sides.a, sides.b, pool)
    price, rounds, done = np.zeros(len(sides.b)), 1, 0
    for step in AUCTION_STEPS if sides.supply[-1] == 0 else AUCTION_STEPS[-1:]:
        auction(graph, price, step, BIDS)
    flow = no_flow(graph, price if sides.supply[-1] == 0 else 0 * price)
    while True:
        done = _matched(graph, flow, report, done)
        u = best_prices(graph, flow)
        found = pricing.check(u, flow.price)
        edges = _merge(edges, found.row * len(sides.b) + found.column, found.value)
        graph = _graph(sides, edges)
        if not found.above:
            return graph, flow, u + pricing.slack(u), rounds
        release(graph, flow)
        rounds += 1


def _matched(graph: Graph, flow: Flow, report: Callable[[int], None], done: int) -> int:
    """Match every unit, and report those that are matched for the first time; how many
    were.
    """
    bid(graph, flow, PASSES)
    search, row, total = new_search(graph), 0, int(graph.supply[:-1].sum())
    while row < len(graph.supply):
        row = augment(graph, flow, search, row, PATHS)
        now = total - int(flow.left[:-1].sum())
        report(max(0, now - done))
        done = max(done, now)
    return done


def _as_solution(
    sides: _Sides, graph: Graph, flow: Flow, u: ndarray, rounds: int, found: Candidates
) -> Solution:
    """Kinds back to rows, at prices of which the row of zeros has 0 where it takes
    part.
    """
    rows, columns, price = sides.rows, sides.columns, flow.price
    lowest = price.min() if sides.supply[-1] else 0.0
    u, price = np.r_[u + lowest, 0.0], price - lowest
    gap = u[:-1] @ sides.supply[:-1] + price @ columns.members - flow.worth.sum()
    partner = split_by_kind(flow.owner, rows, columns)
    row_best = torch.cat([found.value[:, 0].cpu(), found.value.new_zeros(1).cpu()])
    column_best = found.column_best.cpu()
    if len(sides.a) and (rows.kind == len(sides.a)).any():
        column_best = column_best.clamp(min=0)
    return Solution(
        partner,
        u[rows.kind],
        price[columns.kind],
        float(max(gap, 0.0)),
        rounds,
        row_best[torch.from_numpy(rows.kind)],
        column_best[torch.from_numpy(columns.kind)],
        _tied(graph, flow, u, price, rows, columns, partner),
    )


def _tied(
    graph: Graph,
    flow: Flow,
    u: ndarray,
    price: ndarray,
    rows: Distinct,
    columns: Distinct,
    partner: ndarray,
) -> ndarray:
    """Tied rows, as in `ties.tied_rows`; of equal rows, and of the partners of equal
    columns, every one is.
    """
    zero = len(graph.supply) - 1
    row = np.repeat(np.arange(zero), np.diff(graph.start))
    tight = graph.value >= u[row] + price[graph.column] - TIE
    column = graph.column[tight]
    row = row[tight]
    if graph.supply[-1]:
        free = np.flatnonzero(price <= TIE)
        row, column = np.r_[row, np.full(len(free), zero)], np.r_[column, free]
    size = np.diff(graph.slot)[column]
    slot = np.repeat(graph.slot[column] - np.cumsum(size) + size, size)
    slot += np.arange(len(slot))
    kinds = on_a_cycle(np.repeat(row, size), flow.owner[slot], zero + 1)
    kinds |= graph.supply > 1
    return kinds[rows.kind] | (columns.members[columns.kind[partner]] > 1)
