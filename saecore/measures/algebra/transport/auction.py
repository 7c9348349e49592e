"""A rough auction on a sparse graph, for prices to begin with; compiled with numba, so
import it only where it is needed.
"""

from typing import no_type_check

import numpy as np

from saecore.compiled.loops import strict_loop
from saecore.measures.algebra.transport.flow import best_two


@strict_loop
@no_type_check
def auction(graph, price, step, bids):
    """Auction prices of the columns (Bertsekas 1988), changed in place: a row without a
    column takes its best one, and raises its price by the lead over its second best
    plus a step.

    Ends when one row in a thousand is waiting, or after `bids` per row. The row that is
    worth 0 everywhere does not take part. A warm start only: nothing is proven here.
    """
    rows = np.repeat(np.arange(len(graph.supply) - 1), graph.supply[:-1])
    owner = np.full(graph.slot[-1], -1)
    turn = np.zeros(len(price), np.int64)
    waiting, first_in_line, count = rows.copy(), 0, len(rows)
    for _ in range(bids * len(rows)):
        if count <= len(rows) // 1000:
            break
        row = waiting[first_in_line]
        first_in_line, count = (first_in_line + 1) % len(rows), count - 1
        edge, first, second = best_two(graph, price, row)
        column = graph.column[edge]
        size = graph.slot[column + 1] - graph.slot[column]
        slot = graph.slot[column] + turn[column] % size
        turn[column] += 1
        if owner[slot] >= 0:
            waiting[(first_in_line + count) % len(rows)] = owner[slot]
            count += 1
        if size == 1 or owner[slot] >= 0:
            price[column] += (first - second if second > -np.inf else 0.0) + step
        owner[slot] = row
