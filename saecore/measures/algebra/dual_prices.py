"""Dual prices of an assignment: what turns a matching into a proven one.

From an optimal matching M the smallest prices follow as longest paths: freeing column
M(i) and sending row i to column j gains s_ij - s_i,M(i), hence

    p_j >= p_M(i) + s_ij - s_i,M(i),        u_i = s_i,M(i) - p_M(i),

repeated until nothing rises (Bellman-Ford). It ends because an optimal matching has no
cycle of positive gain; unmatched columns keep price 0.
"""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_matrix

RISE = 1e-12
"""Rises below this are rounding."""
_NEAR = 0.01
"""Edges that lose more than this are left out at first."""


def dense_prices(
    value: Float[ndarray, "row column"], partner: Int[ndarray, "row"]
) -> tuple[Float[ndarray, "row"], Float[ndarray, "column"]]:
    """Dual prices (u, p) of an optimal matching from all pairs; p >= 0, and 0 where a
    column is unmatched.
    """
    matched = value[np.arange(len(partner)), partner]
    gain = value - matched[:, None]
    price = np.zeros(value.shape[1])
    for _ in range(len(partner) + 1):
        raised = np.maximum(price, (gain + price[partner, None]).max(0))
        if (raised - price).max() <= RISE:
            break
        price = raised
    return matched - price[partner], price


def edge_prices(
    row: Int[ndarray, "edge"],
    column: Int[ndarray, "edge"],
    gain: Float[ndarray, "edge"],
    partner: Int[ndarray, "row"],
    columns: int,
) -> Float[ndarray, "column"]:
    """Dual prices of the columns from a list of edges; `gain` is s_ij - s_i,M(i) of
    each edge.

    An edge with gain below -reach cannot raise anything while all prices are below
    reach: the far edges are left out, and taken in only when prices have come near.
    """
    price, reach = np.zeros(columns), _NEAR
    while True:
        near = np.flatnonzero(gain > -reach)
        _raise(price, row[near], column[near], gain[near], partner)
        if len(near) == len(gain) or price.max() <= reach:
            return price
        reach = 4 * float(price.max())


def _raise(
    price: ndarray, row: ndarray, column: ndarray, gain: ndarray, partner: ndarray
) -> None:
    """Bellman-Ford, in place, until no price rises."""
    numbered = csr_matrix(
        (np.arange(len(row)), (row, column)), shape=(len(partner), len(price))
    )
    # edges by column: a counting sort
    order = np.asarray(numbered.tocsc().data, dtype=np.int64)
    source, gain, column = partner[row[order]], gain[order], column[order]
    first = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
    target = column[first]
    for _ in range(len(partner) + 1):
        best = np.maximum.reduceat(gain + price[source], first)
        if (best - price[target]).max() <= RISE:
            break
        price[target] = np.maximum(price[target], best)


def auction_prices(
    value: Float[ndarray, "row rank"],
    index: Int[ndarray, "row rank"],
    *,
    steps: tuple[float, ...] = (1e-2, 1e-3),
    rounds: int = 60,
) -> Float[ndarray, "row"]:
    """Auction prices of the columns of a square problem (Bertsekas 1988), in parallel
    rounds; rough, a warm start only.

    All rows without a column bid at once for their best column: its price rises by the
    lead over their second best plus a step. Stops at 1 % of rows unassigned or after
    `rounds` per step size.
    """
    n = len(value)
    price = np.zeros(n)
    for step in steps:
        owner = np.full(n, -1)
        waiting = np.arange(n)
        for _ in range(rounds):
            if len(waiting) <= n // 100:
                break
            waiting = _bid(value, index, price, owner, waiting, step)
    return price


def _bid(value, index, price, owner, waiting, step) -> ndarray:
    """One round: raises prices and changes owners in place; returns the rows left
    waiting.
    """
    target = index[waiting]
    net = value[waiting] - price[target]
    best = net.argmax(1)
    here = np.arange(len(waiting))
    lead = net[here, best].copy()
    net[here, best] = -np.inf
    lead += step - net.max(1) if net.shape[1] > 1 else step
    chosen = target[here, best]
    order = np.lexsort((lead, chosen))
    last = np.r_[chosen[order][1:] != chosen[order][:-1], True]
    winner = order[last]
    column = chosen[winner]
    losers = owner[column]
    owner[column] = waiting[winner]
    price[column] += lead[winner]
    return np.r_[np.delete(waiting, winner), losers[losers >= 0]]
