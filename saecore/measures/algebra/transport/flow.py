"""Supplies, capacities and who has what in a transportation problem on a sparse graph,
and the steps that need no search; compiled with numba, so import it only where it is
needed.
"""

from typing import NamedTuple, no_type_check

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from saecore.compiled.loops import strict_loop

EQUAL = 1e-14
"""Prices that differ by less are equal."""


class Graph(NamedTuple):
    """Edges in CSR, row after row, with what the rows have and the columns hold."""

    start: Int[ndarray, "pointer"]
    """Row i owns the edges start[i] : start[i + 1]."""
    column: Int[ndarray, "edge"]
    value: Float[ndarray, "edge"]
    supply: Int[ndarray, "row+1"]
    """Units of each row; the last is the row that is worth 0 everywhere."""
    slot: Int[ndarray, "pointer"]
    """Column j owns the slots slot[j] : slot[j + 1], as many as its capacity."""


class Flow(NamedTuple):
    """Who has what at which price; changed in place."""

    price: Float[ndarray, "column"]
    owner: Int[ndarray, "slot"]
    """Row in each slot; -1: there is room."""
    worth: Float[ndarray, "slot"]
    """Value of the pair in it."""
    left: Int[ndarray, "row+1"]
    """Units of each row that have no column yet."""


def no_flow(graph: Graph, price: Float[ndarray, "column"]) -> Flow:
    """Nothing matched, at the given prices."""
    slots = int(graph.slot[-1])
    return Flow(
        price.copy(),
        np.full(slots, -1, np.int32),
        np.zeros(slots),
        graph.supply.copy(),
    )


@strict_loop
@no_type_check
def best_two(graph, price, row):
    """Edge with the largest s_ij - p_j of a row; that value, and the second largest."""
    edge, first, second = -1, -np.inf, -np.inf
    for e in range(graph.start[row], graph.start[row + 1]):
        net = graph.value[e] - price[graph.column[e]]
        if net > first:
            edge, first, second = e, net, first
        elif net > second:
            second = net
    return edge, first, second


@strict_loop
@no_type_check
def best_prices(graph, flow):
    """Prices of the rows with edges: u_i = max_j (s_ij - p_j)."""
    u = np.empty(len(graph.supply) - 1)
    for row in range(len(u)):
        u[row] = best_two(graph, flow.price, row)[1]
    return u


@strict_loop
@no_type_check
def free_slot(graph, flow, column):
    """A slot of the column that is free, or -1."""
    for slot in range(graph.slot[column], graph.slot[column + 1]):
        if flow.owner[slot] < 0:
            return slot
    return -1


@strict_loop
@no_type_check
def release(graph, flow):
    """Make prices true to edges that were added: free the slots whose rows would rather
    go elsewhere, or, where a row has many units, raise the price of what they would
    rather have.
    """
    _outbid(graph, flow)
    best = np.append(best_prices(graph, flow), -flow.price.min())
    for column in range(len(flow.price)):
        for slot in range(graph.slot[column], graph.slot[column + 1]):
            row = flow.owner[slot]
            if row >= 0 and flow.worth[slot] - flow.price[column] < best[row] - EQUAL:
                flow.owner[slot] = -1
                flow.left[row] += 1


@strict_loop
@no_type_check
def _outbid(graph, flow):
    """Raise the price of columns with one slot to what rows of many units would give
    for them.
    """
    level = np.full(len(graph.supply), np.inf)
    for column in range(len(flow.price)):
        for slot in range(graph.slot[column], graph.slot[column + 1]):
            row = flow.owner[slot]
            if row >= 0 and graph.supply[row] > 1:
                level[row] = flow.worth[slot] - flow.price[column]
    for row in range(len(level) - 1):
        if level[row] < np.inf:
            for e in range(graph.start[row], graph.start[row + 1]):
                column = graph.column[e]
                above = graph.value[e] - flow.price[column] - level[row]
                if above > 0 and graph.slot[column + 1] - graph.slot[column] == 1:
                    flow.price[column] += above


@strict_loop
@no_type_check
def bid(graph, flow, passes):
    """Augmenting row reduction: rows with one unit take their best column, at a price
    that makes the second best as good; who had it bids in the next pass.
    """
    waiting = np.flatnonzero(
        (flow.left[:-1] == 1) & (graph.supply[:-1] == 1) & (np.diff(graph.start) > 1)
    )
    for _ in range(passes):
        count = 0
        for row in waiting:
            edge, first, second = best_two(graph, flow.price, row)
            column = graph.column[edge]
            slot = free_slot(graph, flow, column)
            if slot < 0:
                slot = graph.slot[column]
                if first == second or graph.slot[column + 1] - slot > 1:
                    continue
                before = flow.owner[slot]
                flow.left[before] += 1
                if graph.supply[before] == 1 and before < len(graph.supply) - 1:
                    waiting[count] = before
                    count += 1
            if graph.slot[column + 1] - graph.slot[column] == 1:
                flow.price[column] += first - second
            flow.owner[slot], flow.worth[slot] = row, graph.value[edge]
            flow.left[row] = 0
        waiting = waiting[:count].copy()
