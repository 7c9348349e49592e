"""The assignment on likely pairs: few candidates and near ties cost rounds, not the optimum."""

import numpy as np
import pytest
import torch

from saecore.measures.algebra import sparse_assignment
from saecore.measures.algebra.assignment import assign
from saecore.measures.algebra.nearest import unit_rows
from tests.measures.algebra.pairs_to_match import (
    CASES,
    certify,
    dense_total,
    directions,
    hubs,
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


def planted(case: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Dictionaries of 300 latents with equal or dead ones."""
    a, b = related(300)
    if case != "dead":
        a[:90] = a[0]
    if case == "other multiplicities":
        b[100:130], b[200:290] = a[0], b[200]
    if case == "scaled copies":  # equal but for rounding
        a[:90] *= torch.linspace(1, 7, 90)[:, None]
    if case == "dead":
        a[:70], b[50:90] = 0, 0
    return a, b


@pytest.mark.parametrize(
    "case", ["equal", "other multiplicities", "scaled copies", "dead"]
)
def test_equal_and_dead_rows_are_matched_exactly_and_proven(case):
    a, b = planted(case)
    for one, other in ((a, b), (b, a), (a[:200], b), (b[:200], a)):
        found = assign(one, other, dense_below=0)
        dense = assign(one, other, dense_below=9999)
        assert found.total == pytest.approx(dense.total, abs=2e-5)
        assert found.gap < 1e-9
        cosine = unit_rows(one).double() @ unit_rows(other).double().T
        excess = cosine - found.row_price[:, None] - found.column_price
        assert excess.max() < 1e-9
        torch.testing.assert_close(found.nearest, dense.nearest)
        torch.testing.assert_close(found.nearest_back, dense.nearest_back)
        assert found.ties == dense.ties


def test_as_many_ties_are_counted_as_were_planted():
    a, b = related(700)
    assert assign(a, b, dense_below=0).ties == 0
    a[:64] = a[0]
    found = assign(a, b, dense_below=0)
    assert found.tied.nonzero().flatten().tolist() == list(range(64))
    back = found.flip()
    assert back.ties == 64
    assert back.tied[found.partner[:64]].all()


def test_progress_hears_of_every_row_twice():
    told: list[int] = []
    a, b = related(600)
    a[:50] = 0
    assign(a, b, dense_below=0, progress=told.append)
    assert sum(told) == 1200
    assert min(told) >= 0


def test_the_same_input_gives_the_same_matching():
    one, other = (assign(*hubs(600), dense_below=0) for _ in range(2))
    torch.testing.assert_close(one.partner, other.partner, rtol=0, atol=0)
    torch.testing.assert_close(one.row_price, other.row_price, rtol=0, atol=0)


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
