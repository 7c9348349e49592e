"""Ties of an assignment: which rows could have another partner at the same total."""

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

TIE = 1e-6
"""Pairs within this of their prices are as good as matched ones: cosines in single
precision say no more.
"""


def on_a_cycle(
    source: Int[ndarray, "arc"], target: Int[ndarray, "arc"], nodes: int
) -> Bool[ndarray, "node"]:
    """Nodes of a directed graph that a cycle of two arcs or more goes through: those
    with an arc inside their strong component.
    """
    arcs = coo_matrix(
        (np.ones(len(source), np.int8), (source, target)), shape=(nodes, nodes)
    )
    part = connected_components(arcs, connection="strong")[1]
    inside = (part[source] == part[target]) & (source != target)
    found = np.zeros(nodes, bool)
    found[source[inside]] = True
    return found


def tied_rows(
    cosine: Float[ndarray, "row column"],
    partner: Int[ndarray, "row"],
    row_price: Float[ndarray, "row"],
    column_price: Float[ndarray, "column"],
) -> Bool[ndarray, "row"]:
    """Tied rows: rows that have another partner in some optimal assignment, to within
    1e-6 per pair.

    An assignment is optimal if all its pairs have s_ij = u_i + p_j, so another one
    differs from the given one by cycles of such pairs. Unmatched columns belong to a
    row of zeros.
    """
    n, m = cosine.shape
    owner = np.full(m, n)
    owner[partner] = np.arange(n)
    row, column = np.nonzero(cosine >= row_price[:, None] + column_price - TIE)
    free = np.flatnonzero(column_price <= TIE) if n < m else np.empty(0, np.int64)
    return on_a_cycle(
        np.r_[row, np.full(len(free), n)], np.r_[owner[column], owner[free]], n + 1
    )[:n]
