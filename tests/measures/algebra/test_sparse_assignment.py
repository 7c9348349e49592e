"""The assignment on likely pairs: few candidates and near ties cost rounds, not the optimum."""

import numpy as np
import pytest

from saecore.measures.algebra import sparse_assignment
from saecore.measures.algebra.assignment import assign
from saecore.measures.algebra.nearest import unit_rows
from tests.measures.algebra.pairs_to_match import (
    CASES,
    certify,
    dense_total,
    directions,
    related,
)


@pytest.mark.parametrize("name", CASES)
def test_starting_from_too_few_candidates_costs_rounds_but_not_the_optimum(
    name, monkeypatch
):
    monkeypatch.setattr(sparse_assignment, "POOL", 3)
    monkeypatch.setattr(sparse_assignment, "ACTIVE", 2)
    a, b = CASES[name]
    found = assign(a, b, dense_below=0)
    assert found.rounds > 2
    assert found.total == pytest.approx(dense_total(a, b), abs=1e-4)
    assert certify(a, b, found) < 4e-6


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_near_ties_do_not_start_a_bidding_war(seed):
    # all cosines of two opposite corners of the plane nearly tie: on the exact cosines
    # SciPy's sparse solver raises prices by 1e-11 at a time, for hours
    a, b = directions(254, 2, seed=seed).abs(), -directions(254, 2, seed=seed + 9).abs()
    found = assign(a.double(), b.double(), dense_below=0)
    assert found.total == pytest.approx(dense_total(a.double(), b.double()), abs=1e-7)
    assert found.gap < 1e-6


def test_the_solution_is_that_of_the_dense_solver_with_prices_that_prove_it():
    a, b = (unit_rows(x.double()) for x in related(300))
    found = sparse_assignment.solve_sparse(a, b)
    cosine = (a @ b.T).numpy()
    assert cosine[np.arange(300), found.partner].sum() == pytest.approx(
        dense_total(a, b), abs=1e-7
    )
    assert (cosine - found.row_price[:, None] - found.column_price).max() < 1e-7
    assert found.row_best is not None
    np.testing.assert_allclose(found.row_best, cosine.max(1))
