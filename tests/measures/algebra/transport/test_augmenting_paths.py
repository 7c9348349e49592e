"""Shortest augmenting paths reach SciPy's optimum, at prices that prove it; supplies and
capacities are as good as copies.
"""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from saecore.measures.algebra.transport.augmenting_paths import augment, new_search
from saecore.measures.algebra.transport.flow import (
    Flow,
    Graph,
    best_prices,
    bid,
    no_flow,
    release,
)


def dense_graph(value: np.ndarray, supply: np.ndarray, room: np.ndarray) -> Graph:
    """All pairs; the row that is worth 0 everywhere takes what is left."""
    n, m = value.shape
    return Graph(
        np.arange(n + 1) * m,
        np.tile(np.arange(m, dtype=np.int32), n),
        value.ravel().copy(),
        np.r_[supply, room.sum() - supply.sum()].astype(np.int32),
        np.r_[0, np.cumsum(room)],
    )


def solved(graph: Graph, *, passes: int = 0, flow: Flow | None = None) -> Flow:
    flow = flow or no_flow(graph, np.zeros(len(graph.slot) - 1))
    bid(graph, flow, passes)
    assert augment(graph, flow, new_search(graph), 0, 10**9) == len(graph.supply)
    assert (flow.left == 0).all()
    assert_proven(graph, flow)
    return flow


def assert_proven(graph: Graph, flow: Flow) -> None:
    """Prices cover all edges, and what is matched costs just as much."""
    u = np.append(best_prices(graph, flow), -flow.price.min())
    assert (np.bincount(flow.owner, minlength=len(u)) == graph.supply).all()
    column = np.repeat(np.arange(len(flow.price)), np.diff(graph.slot))
    np.testing.assert_allclose(
        u[flow.owner] + flow.price[column], flow.worth, atol=1e-12
    )


def ones(count: int) -> np.ndarray:
    return np.ones(count, np.int64)


@pytest.mark.parametrize("passes", [0, 1, 8])
@pytest.mark.parametrize("shape", [(1, 1), (30, 30), (20, 33), (1, 9)])
def test_the_total_is_that_of_the_dense_solver(shape, passes):
    value = np.random.default_rng(0).standard_normal(shape)
    n, m = shape
    value[: n // 2] = np.round(value[: n // 2])  # ties
    best = value[linear_sum_assignment(value, maximize=True)].sum()
    flow = solved(dense_graph(value, ones(n), ones(m)), passes=passes)
    assert flow.worth.sum() == pytest.approx(best)


@pytest.mark.parametrize("passes", [0, 5])
def test_a_row_with_many_units_and_a_column_with_room_are_as_good_as_copies(passes):
    draw = np.random.default_rng(1)
    value, supply, room = (
        draw.random((6, 9)),
        draw.integers(1, 5, 6),
        draw.integers(2, 4, 9),
    )
    copies = value.repeat(supply, 0).repeat(room, 1)
    best = copies[linear_sum_assignment(copies, maximize=True)].sum()
    flow = solved(dense_graph(value, supply, room), passes=passes)
    assert flow.worth.sum() == pytest.approx(best)


@pytest.mark.parametrize("supply", [1, 3])
def test_edges_that_are_added_later_are_taken_in(supply):
    value = np.random.default_rng(2).random((8, 24))
    units, room = np.full(8, supply), ones(24)
    few = np.where(value < 0.5, -1.0, value)
    flow = solved(dense_graph(few, units, room))
    graph = dense_graph(value, units, room)
    release(graph, flow)
    copies = value.repeat(supply, 0)
    best = copies[linear_sum_assignment(copies, maximize=True)].sum()
    assert solved(graph, flow=flow).worth.sum() == pytest.approx(best)


def test_paths_can_be_searched_a_few_at_a_time():
    graph = dense_graph(np.random.default_rng(3).random((10, 10)), ones(10), ones(10))
    flow, search, row, calls = no_flow(graph, np.zeros(10)), new_search(graph), 0, 0
    while row < len(graph.supply):
        row, calls = augment(graph, flow, search, row, 3), calls + 1
    assert calls >= 4
    assert_proven(graph, flow)


def test_edges_without_a_complete_matching_are_refused():
    graph = Graph(
        np.array([0, 1, 2]),
        np.zeros(2, np.int32),
        np.ones(2),
        np.array([1, 1, 0], np.int32),
        np.array([0, 1, 2]),
    )
    with pytest.raises(ValueError, match="no complete matching along the edges"):
        solved(graph)
