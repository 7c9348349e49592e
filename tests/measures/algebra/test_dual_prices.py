"""Prices prove that an assignment is the best one, whichever way they are found."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from saecore.measures.algebra.dual_prices import (
    auction_prices,
    dense_prices,
    edge_prices,
)


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


def test_prices_from_the_list_of_pairs_are_those_from_the_whole_table():
    value, partner = best(30, 30, seed=1)
    row, column = np.divmod(np.arange(900), 30)
    gain = (value - value[np.arange(30), partner][:, None]).ravel()
    found = edge_prices(row, column, gain, partner, 30)
    np.testing.assert_allclose(found, dense_prices(value, partner)[1], atol=1e-9)


def test_an_auction_ends_with_prices_that_nearly_prove_the_best_assignment():
    value, partner = best(60, 60, seed=2)
    index = np.argsort(-value, axis=1)
    price = auction_prices(np.take_along_axis(value, index, 1), index)
    assert (price >= 0).all()
    bound = (value - price).max(1).sum() + price.sum()
    total = value[np.arange(60), partner].sum()
    assert total - 1e-9 <= bound < total + 0.05 * total
