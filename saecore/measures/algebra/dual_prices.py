"""Dual prices of an assignment: what turns a matching into a proven one.

From an optimal matching M the smallest prices follow as longest paths: freeing column
M(i) and sending row i to column j gains s_ij - s_i,M(i), hence

    p_j >= p_M(i) + s_ij - s_i,M(i),        u_i = s_i,M(i) - p_M(i),

repeated until nothing rises (Bellman-Ford). It ends because an optimal matching has no
cycle of positive gain; unmatched columns keep price 0.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

RISE = 1e-12
"""Rises below this are rounding."""


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
    """Times that the prices were checked against all pairs; 0 for the dense solver."""
    row_best: Float[Tensor, "row"] | None
    """Largest cosine of each row; None if all rows are zero."""
    column_best: Float[Tensor, "column"] | None
    """Largest cosine of each column; None if all rows are zero."""
    tied: Bool[ndarray, "row"]
    """Rows that have another partner in some optimal assignment."""


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
