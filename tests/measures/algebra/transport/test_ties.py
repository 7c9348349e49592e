"""Planted ties are found, all of them, and no others; against every permutation."""

from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from saecore.measures.algebra.dual_prices import dense_prices
from saecore.measures.algebra.transport.ties import on_a_cycle, tied_rows


def tied(value: np.ndarray) -> list[int]:
    partner = linear_sum_assignment(value, maximize=True)[1]
    return (
        tied_rows(value, partner, *dense_prices(value, partner)).nonzero()[0].tolist()
    )


def by_hand(value: np.ndarray) -> list[int]:
    """Rows whose partner is not the same in every best assignment."""
    n, m = value.shape
    every = [np.array(p) for p in permutations(range(m), n)]
    total = [value[np.arange(n), p].sum() for p in every]
    best = [p for p, t in zip(every, total, strict=True) if t > max(total) - 1e-9]
    return (np.ptp(best, axis=0) > 0).nonzero()[0].tolist()


@pytest.mark.parametrize("shape", [(5, 5), (4, 6), (3, 7)])
@pytest.mark.parametrize("seed", range(6))
def test_tied_rows_are_those_of_all_best_permutations(shape, seed):
    value = np.random.default_rng(seed).integers(0, 4, shape) / 4
    assert tied(value) == by_hand(value)


def test_without_ties_there_are_none():
    assert tied(np.random.default_rng(0).random((40, 40))) == []
    assert tied(np.random.default_rng(0).random((30, 40))) == []


def test_a_chain_is_no_cycle_and_a_loop_is_none():
    assert (
        on_a_cycle(np.array([0, 1, 3]), np.array([1, 2, 3]), 4).tolist() == [False] * 4
    )
    assert on_a_cycle(np.array([0, 1, 2, 3]), np.array([1, 2, 0, 2]), 4).tolist() == [
        True,
        True,
        True,
        False,
    ]
