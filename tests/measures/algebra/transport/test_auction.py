"""An auction's prices nearly prove the best assignment."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from saecore.measures.algebra.transport.auction import auction
from saecore.measures.algebra.transport.flow import Graph


def all_pairs(value: np.ndarray, supply: np.ndarray, room: np.ndarray) -> Graph:
    n, m = value.shape
    return Graph(
        np.arange(n + 1) * m,
        np.tile(np.arange(m, dtype=np.int32), n),
        value.ravel().copy(),
        np.r_[supply, 0].astype(np.int32),
        np.r_[0, np.cumsum(room)],
    )


def bound(value: np.ndarray, graph: Graph, price: np.ndarray) -> float:
    """What the prices prove that no assignment exceeds."""
    rows, places = graph.supply[:-1], np.diff(graph.slot)
    return float(((value - price).max(1) * rows).sum() + (price * places).sum())


@pytest.mark.parametrize("copies", [1, 3])
def test_an_auction_ends_with_prices_that_nearly_prove_the_best_assignment(copies):
    value = np.random.default_rng(2).random((60, 60))
    many = np.full(60, copies)
    graph, price = all_pairs(value, many, many), np.zeros(60)
    start = bound(value, graph, price)
    for step in (1e-2, 1e-3):
        auction(graph, price, step, 200)
    total = copies * value[linear_sum_assignment(value, maximize=True)].sum()
    found = bound(value, graph, price)
    assert total - 1e-9 <= found <= start
    if copies == 1:
        assert found < total + 0.05


def test_it_stops_after_so_many_bids_though_two_rows_want_one_column():
    value = np.array([[1.0, 0.0], [1.0, 0.0]])
    graph, price = all_pairs(value, np.ones(2, int), np.ones(2, int)), np.zeros(2)
    auction(graph, price, 1e-6, 50)
    assert price[0] == pytest.approx(1, abs=1e-3)
