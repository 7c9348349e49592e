"""The transportation problem on a sparse graph, by shortest augmenting paths; compiled
with numba, so import it only where it is needed.

Rows have a supply and columns a capacity (one each, but for rows that stand for several
equal ones); the last row, without edges, is worth 0 with every column. Prices u and p
always satisfy

    u_i + p_j >= s_ij on all edges,    u_i + p_j = s_ij where i is matched with j,

so that whatever is matched is optimal for what it matches. A path from a row with
supply left to a column with room, the one that gives up the least, changes prices so
that this stays true (Dijkstra on u_i + p_j - s_ij; Jonker and Volgenant 1987). Only the
price of a row's best column is kept: u_i = max_j (s_ij - p_j).
"""

from typing import NamedTuple, no_type_check

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from saecore.compiled.loops import strict_loop
from saecore.measures.algebra.transport.flow import Graph, best_two, free_slot


class Search(NamedTuple):
    """Room for the search of a path; the same before and after."""

    distance: Float[ndarray, "column"]
    source: Int[ndarray, "column"]
    """Row that the column was reached from."""
    gain: Float[ndarray, "column"]
    """Value of the edge by which it was."""
    place: Int[ndarray, "column"]
    """Place in the heap; -1: not in it."""
    heap: Int[ndarray, "column"]
    settled: Int[ndarray, "column"]
    """Columns in the order in which they were settled."""
    touched: Int[ndarray, "column"]
    by: Int[ndarray, "row+1"]
    """Slot that each row was reached through; -1: not reached."""
    reached: Int[ndarray, "row+1"]


def new_search(graph: Graph) -> Search:
    """Room for searches on the graph."""
    rows, columns = len(graph.supply), len(graph.slot) - 1
    return Search(
        distance=np.full(columns, np.inf),
        source=np.zeros(columns, np.int32),
        gain=np.zeros(columns),
        place=np.full(columns, -1, np.int32),
        heap=np.zeros(columns, np.int32),
        settled=np.zeros(columns, np.int32),
        touched=np.zeros(columns, np.int32),
        by=np.full(rows, -1, np.int32),
        reached=np.zeros(rows, np.int32),
    )


@strict_loop
@no_type_check
def augment(graph, flow, search, first, count):
    """Give the units that rows have left a column each, from row `first` on, `count`
    units at most; the row to go on with.
    """
    for row in range(first, len(graph.supply)):
        while flow.left[row] > 0:
            if count == 0:
                return row
            _augment(graph, flow, search, row)
            count -= 1
    return len(graph.supply)


@strict_loop
@no_type_check
def _augment(graph, flow, search, row):
    """One shortest augmenting path from a row, the new prices, and the changes along
    it.
    """
    zero = len(graph.supply) - 1
    u = best_two(graph, flow.price, row)[1] if row < zero else -flow.price.min()
    size, touched, settled, reached = 0, 0, 0, 1
    bound, end, distance = np.inf, -1, 0.0
    search.reached[0], search.by[row] = row, len(flow.owner)
    size, touched, bound = _relax(
        graph, flow, search, row, 0.0, u, size, touched, bound
    )
    while size > 0:
        column, size = _pop(search, size)
        distance = search.distance[column]
        end = free_slot(graph, flow, column)
        if end >= 0:
            break
        search.settled[settled] = column
        settled += 1
        for slot in range(graph.slot[column], graph.slot[column + 1]):
            other = flow.owner[slot]
            if search.by[other] < 0:
                search.by[other] = slot
                search.reached[reached] = other
                reached += 1
                u = flow.worth[slot] - flow.price[column]
                size, touched, bound = _relax(
                    graph, flow, search, other, distance, u, size, touched, bound
                )
    if end >= 0:
        for i in range(settled):
            column = search.settled[i]
            flow.price[column] += distance - search.distance[column]
        _shift(graph, flow, search, row, end)
    for i in range(touched):
        column = search.touched[i]
        search.distance[column], search.place[column] = np.inf, -1
    for i in range(reached):
        search.by[search.reached[i]] = -1
    if end < 0:
        raise ValueError("no complete matching along the edges")


@strict_loop
@no_type_check
def _relax(graph, flow, search, row, distance, u, size, touched, bound):
    """Take the edges of a row that is reached at a distance into the heap; the heap's
    size, how many columns were touched, and the distance of the nearest with room.
    """
    zero = len(graph.supply) - 1
    low, high = 0, len(flow.price)
    if row < zero:
        low, high = graph.start[row], graph.start[row + 1]
    for e in range(low, high):
        column = graph.column[e] if row < zero else e
        value = graph.value[e] if row < zero else 0.0
        there = distance + max(u + flow.price[column] - value, 0.0)
        if there < search.distance[column] and there < bound:
            if search.distance[column] == np.inf:
                search.touched[touched] = column
                touched += 1
            search.distance[column] = there
            search.source[column], search.gain[column] = row, value
            size = _rise(search, column, size)
            if free_slot(graph, flow, column) >= 0:
                bound = there
    return size, touched, bound


@strict_loop
@no_type_check
def _shift(graph, flow, search, row, slot):
    """Move units along the path that ends in a free slot, back to the row that it
    began at.
    """
    while True:
        column = np.searchsorted(graph.slot, slot, side="right") - 1
        source = search.source[column]
        flow.owner[slot], flow.worth[slot] = source, search.gain[column]
        if source == row:
            flow.left[row] -= 1
            return
        slot = search.by[source]


@strict_loop
@no_type_check
def _rise(search, column, size):
    """Put a column in its place in the heap after its distance fell; the heap's
    size.
    """
    at = search.place[column]
    if at < 0:
        at, size = size, size + 1
    distance = search.distance[column]
    while at > 0:
        above = search.heap[(at - 1) // 2]
        if search.distance[above] <= distance:
            break
        search.heap[at], search.place[above] = above, at
        at = (at - 1) // 2
    search.heap[at], search.place[column] = column, at
    return size


@strict_loop
@no_type_check
def _pop(search, size):
    """Take the nearest column out of the heap; it, and the heap's size."""
    nearest, last = search.heap[0], search.heap[size - 1]
    size, at = size - 1, 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and (
            search.distance[search.heap[below + 1]]
            < search.distance[search.heap[below]]
        ):
            below += 1
        if search.distance[search.heap[below]] >= search.distance[last]:
            break
        search.heap[at] = search.heap[below]
        search.place[search.heap[at]] = at
        at = below
    search.heap[at], search.place[last] = last, at
    return nearest, size
