"""What happens without a search keeps prices true to every edge."""

import numpy as np
import pytest

from saecore.measures.algebra.transport.flow import (
    Flow,
    Graph,
    best_prices,
    best_two,
    bid,
    free_slot,
    no_flow,
    release,
)


def all_pairs(value: np.ndarray, supply: list[int], places: list[int]) -> Graph:
    n, m = value.shape
    return Graph(
        np.arange(n + 1) * m,
        np.tile(np.arange(m, dtype=np.int32), n),
        value.ravel().copy(),
        np.r_[supply, 0].astype(np.int32),
        np.r_[0, np.cumsum(places)],
    )


def assert_true(graph: Graph, flow: Flow) -> None:
    """Whatever is matched is at its row's best price."""
    u, column = (
        best_prices(graph, flow),
        np.repeat(np.arange(len(flow.price)), np.diff(graph.slot)),
    )
    slot = np.flatnonzero(flow.owner >= 0)
    net = flow.worth[slot] - flow.price[column[slot]]
    np.testing.assert_allclose(net, u[flow.owner[slot]], atol=1e-12)


def test_the_best_two_columns_are_net_of_prices_and_there_is_room_until_there_is_not():
    graph = all_pairs(np.array([[0.5, 0.9, 0.2]]), [1], [1, 1, 2])
    flow = no_flow(graph, np.array([0.0, 0.5, 0.0]))
    edge, first, second = best_two(graph, flow.price, 0)
    assert (edge, first, second) == (0, 0.5, pytest.approx(0.4))
    assert free_slot(graph, flow, 2) == 2
    flow.owner[2:] = 0
    assert free_slot(graph, flow, 2) == -1


def test_bids_leave_matched_rows_at_their_best_prices():
    graph = all_pairs(np.random.default_rng(0).random((30, 30)), [1] * 30, [1] * 30)
    flow = no_flow(graph, np.zeros(30))
    bid(graph, flow, 4)
    assert (flow.owner >= 0).sum() == 30 - flow.left.sum() > 15
    assert_true(graph, flow)


@pytest.mark.parametrize("supply", [1, 4])
def test_of_added_edges_the_rows_or_the_columns_give_way(supply):
    value = np.random.default_rng(1).random((6, 6 * supply))
    graph = all_pairs(value, [supply] * 6, [1] * 6 * supply)
    few = graph._replace(value=np.where(graph.value > 0.8, 0.0, graph.value))
    flow = no_flow(few, np.zeros(6 * supply))
    flow.owner[:], flow.left[:] = np.repeat(np.arange(6), supply), 0
    # prices at which all rows are content with what they have, at a level of 0
    own = few.value.reshape(6, -1)[flow.owner, np.arange(6 * supply)]
    flow.worth[:] = own
    flow.price[:] = own
    release(graph, flow)
    assert 0 < flow.left.sum() == (flow.owner < 0).sum()
    assert_true(graph, flow)
