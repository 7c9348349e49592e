"""Prices prove that an assignment is the best one, whichever way they are found."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from saecore.measures.algebra.dual_prices import dense_prices


def best(n: int, m: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random values and the columns of their best assignment."""
    value = np.random.default_rng(seed).random((n, m))
    return value, linear_sum_assignment(value, maximize=True)[1]


@pytest.mark.parametrize(("n", "m"), [(1, 1), (8, 8), (20, 35)])
def test_prices_cover_every_pair_and_add_up_to_the_total(n, m):
    value, partner = best(n, m)
    u, p = dense_prices(value, partner)
    assert (value - u[:, None] - p).max() < 1e-9
    assert (p >= 0).all()
    assert u.sum() + p.sum() == pytest.approx(value[np.arange(n), partner].sum())
    assert (p[np.setdiff1d(np.arange(m), partner)] == 0).all()


def test_two_rows_that_want_one_column_bid_up_to_what_the_loser_gives_up():
    value = np.array([[0.9, 0.5], [0.8, 0.1]])
    u, p = dense_prices(value, np.array([1, 0]))
    np.testing.assert_allclose(p, [0.4, 0.0])
    np.testing.assert_allclose(u, [0.5, 0.4])
