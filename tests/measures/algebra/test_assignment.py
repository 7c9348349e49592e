"""The sparse, certified matching against SciPy's dense one, and the cases that break
solvers.
"""

import numpy as np
import pytest
import torch

from saecore.compiled import availability
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
def test_the_sparse_matching_is_the_dense_optimum_and_proves_it(name):
    a, b = CASES[name]
    found = assign(a, b, dense_below=0)
    assert found.rounds >= 1
    assert found.total == pytest.approx(dense_total(a, b), abs=1e-4)
    assert found.gap < 1e-3
    assert certify(a, b, found) < 4e-6
    bound = float(found.row_price.sum() + found.column_price.sum())
    assert bound == pytest.approx(found.total, abs=2e-3)


@pytest.mark.parametrize("name", CASES)
def test_both_solvers_return_the_same_partners(name):
    a, b = CASES[name]
    sparse, dense = (
        assign(a.double(), b.double(), dense_below=0),
        assign(a.double(), b.double(), dense_below=9999),
    )
    assert dense.rounds == 0
    assert dense.gap < 1e-8
    assert sparse.gap < (1e-6 if len(a) == len(b) else 1e-3)
    torch.testing.assert_close(sparse.partner, dense.partner)
    torch.testing.assert_close(sparse.cosine, dense.cosine)
    torch.testing.assert_close(sparse.nearest, dense.nearest)
    torch.testing.assert_close(sparse.nearest_back, dense.nearest_back)
    assert certify(a, b, dense) < 1e-8


@pytest.mark.parametrize("dense_below", [0, 9999])
def test_a_permuted_copy_is_matched_with_itself(dense_below):
    a = directions(200)
    order = torch.randperm(200, generator=torch.Generator().manual_seed(3))
    found = assign(a, 7.5 * a[order], dense_below=dense_below)
    torch.testing.assert_close(order[found.partner], torch.arange(200))
    torch.testing.assert_close(found.cosine, torch.ones(200))


@pytest.mark.parametrize("dense_below", [0, 9999])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_it_works_down_to_one_row(rows, dense_below):
    a, b = directions(rows), directions(rows, seed=5)
    found = assign(a, b, dense_below=dense_below)
    assert found.total == pytest.approx(dense_total(a, b), abs=1e-5)
    wide = assign(a[:1], b, dense_below=dense_below)
    torch.testing.assert_close(wide.cosine, wide.nearest)


@pytest.mark.parametrize("dense_below", [0, 9999])
def test_dead_and_broken_rows_have_cosine_zero_and_do_not_disturb_the_others(
    dense_below,
):
    a, b = related(300)
    a[::3] = 0
    a[1] = torch.nan
    a[2, 0] = torch.inf
    b[5:40] = 0
    found = assign(a, b, dense_below=dense_below)
    dead = (unit_rows(a) == 0).all(1)
    assert int(dead.sum()) == 102
    torch.testing.assert_close(found.cosine[dead], torch.zeros(102))
    assert found.total == pytest.approx(dense_total(a, b), abs=1e-4)
    assert certify(a, b, found) < 4e-6
    assert found.gap < 1e-3


@pytest.mark.parametrize("dense_below", [0, 9999])
def test_a_dictionary_of_dead_rows_is_matched_at_zero(dense_below):
    found = assign(torch.zeros(5, 3), directions(7, 3), dense_below=dense_below)
    assert found.total == 0
    assert found.gap == 0
    assert found.partner.unique().numel() == 5


@pytest.mark.parametrize("dense_below", [0, 9999])
def test_ties_of_many_equal_rows_are_solved(dense_below):
    kinds = directions(5)
    a, b = kinds.repeat(60, 1), kinds.repeat_interleave(60, 0)
    found = assign(a, b, dense_below=dense_below)
    assert found.total == pytest.approx(300, abs=1e-3)
    assert found.gap < 1e-3


def test_mutual_nearest_neighbours_are_not_always_matched():
    # cosines (1, .95 / .95, 0)-like: the best total gives up the best pair
    a = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    b = torch.tensor([[0.98, 0.2], [0.95, -0.31]])
    cosine = unit_rows(a) @ unit_rows(b).T
    assert cosine.argmax() == 0
    found = assign(a, b)
    assert found.partner.tolist() == [1, 0]


def test_flipping_shows_the_same_pairs_from_the_other_side():
    a, b = related(40)
    found = assign(a, b[:25])
    back = found.flip()
    assert int((found.partner < 0).sum()) == 15
    torch.testing.assert_close(found.partner[back.partner], torch.arange(25))
    torch.testing.assert_close(back.cosine, assign(b[:25], a).cosine)
    torch.testing.assert_close(back.flip().partner, found.partner)


def test_wrong_shapes_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="rows on both sides, got 0 and 3"):
        assign(torch.ones(0, 4), torch.ones(3, 4))


def test_gradients_and_mixed_precision_do_not_get_in_the_way():
    a, b = related(20)
    weight = torch.nn.Parameter(a)
    np.testing.assert_array_equal(
        assign(weight, b.double()).partner, assign(a, b).partner
    )


def test_without_compiled_loops_scipy_finds_the_same_total(monkeypatch) -> None:
    a, b = related(600)
    compiled = assign(a, b)
    monkeypatch.setattr(availability, "available", lambda: False)
    plain = assign(a, b)
    assert plain.total == pytest.approx(compiled.total, abs=1e-4)
    assert torch.equal(plain.partner, compiled.partner)
