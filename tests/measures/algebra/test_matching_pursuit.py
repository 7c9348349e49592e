"""Matching pursuit: planted sums, a slow twin, and atoms that are no atoms."""

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from sklearn.linear_model import OrthogonalMatchingPursuit

from saecore.measures.algebra.matching_pursuit import pursue, pursue_nonnegative


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(
        *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    )


def test_sums_of_two_and_three_atoms_are_taken_apart_with_their_weights():
    atoms = 3 * normal(100, 48)  # norms far from one
    rows = torch.stack(
        [2 * atoms[4] + atoms[60], atoms[7] - atoms[8] + 0.9 * atoms[90]]
    )
    found = pursue(rows, atoms, count=3)
    assert set(found.atom[0, :2].tolist()) == {4, 60}
    assert set(found.atom[1].tolist()) == {7, 8, 90}
    torch.testing.assert_close(found.rebuilt(atoms), rows)
    dense = found.dense(100)
    torch.testing.assert_close(
        dense[1, [7, 8, 90]], torch.tensor([1, -1, 0.9], dtype=torch.float64)
    )
    assert found.left[:, -1].max() < 1e-20


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_agrees_with_scikit_learn_row_by_row(dtype):
    rows, atoms = normal(40, 24, seed=1), normal(60, 24, seed=2)
    atoms /= atoms.norm(dim=1, keepdim=True)  # scikit-learn chooses by dot product
    found = pursue(rows.to(dtype), atoms.to(dtype), count=5)
    slow = OrthogonalMatchingPursuit(n_nonzero_coefs=5, fit_intercept=False)
    for place, row in enumerate(rows):
        expected = torch.as_tensor(slow.fit(atoms.T.numpy(), row.numpy()).coef_)
        torch.testing.assert_close(
            found.dense(60)[place].double(), expected, atol=1e-5, rtol=1e-4
        )
    residual = (rows - found.rebuilt(atoms.to(dtype)).double()).square().sum(1)
    torch.testing.assert_close(
        found.left[:, -1].double(), residual, atol=1e-5, rtol=1e-4
    )


def test_orthonormal_atoms_keep_the_largest_coefficients():
    rows, axes = normal(30, 12, seed=3), torch.linalg.qr(normal(12, 12, seed=4)).Q
    found = pursue(rows, axes, count=4)
    kept = (rows @ axes.T).square().topk(4, dim=1).values.sum(1)
    torch.testing.assert_close(rows.square().sum(1) - found.left[:, -1], kept)


def test_more_atoms_never_explain_less_and_all_of_them_explain_everything():
    rows, atoms = normal(20, 8, seed=5), normal(30, 8, seed=6)
    left = pursue(rows, atoms, count=8).left
    assert (left.diff(dim=1) <= 1e-12).all()
    assert left[:, -1].max() < 1e-12


def test_copies_of_an_atom_and_dead_atoms_add_nothing():
    atom = normal(1, 8, seed=7)
    dead = torch.stack([torch.zeros(8), torch.full((8,), np.nan)]).double()
    atoms = torch.cat([atom, atom, 2 * atom, dead])
    row = normal(1, 8, seed=8)
    found = pursue(row, atoms, count=4)
    once = row.square().sum() * (1 - torch.cosine_similarity(row, atom).square())
    torch.testing.assert_close(found.left, once.expand(1, 4))
    assert torch.isfinite(found.weight).all()
    torch.testing.assert_close(
        (row - found.rebuilt(atoms.nan_to_num())).square().sum(1), found.left[:, -1]
    )


def test_a_row_of_zeros_or_without_a_value_is_left_alone():
    rows = torch.stack([torch.zeros(6), torch.full((6,), torch.nan)])
    found = pursue(rows, normal(5, 6).float(), count=2)
    assert (found.weight == 0).all()
    assert (found.left == 0).all()


def test_no_rows_give_no_choices():
    found = pursue(torch.zeros(0, 6), normal(5, 6).float(), count=2)
    assert found.atom.shape == (0, 2)


def test_wrong_input_is_refused_in_a_sentence():
    with pytest.raises((ValueError, TypeCheckError), match="d_model"):
        pursue(normal(3, 4), normal(3, 5))
    with pytest.raises(ValueError, match="between 1 and the 3 atoms, got 4"):
        pursue(normal(3, 4), normal(3, 4), count=4)


def test_sums_without_negative_weights_are_taken_apart():
    atoms = 3 * normal(100, 48)
    rows = torch.stack([2 * atoms[4] + atoms[60], atoms[7] + 0.9 * atoms[90]])
    found = pursue_nonnegative(rows, atoms, count=2)
    assert [set(one) for one in found.atom.tolist()] == [{4, 60}, {7, 90}]
    torch.testing.assert_close(found.rebuilt(atoms), rows, atol=1e-6, rtol=1e-6)


def test_weights_are_those_of_non_negative_least_squares_on_the_chosen_atoms():
    from scipy.optimize import nnls

    atoms, rows = normal(30, 12, seed=1), normal(40, 12, seed=2)
    found = pursue_nonnegative(rows, atoms, count=4)
    assert float(found.weight.min()) >= 0
    for i in range(40):
        chosen = atoms[found.atom[i]].T.numpy()
        weight, left = nnls(chosen, rows[i].numpy())
        np.testing.assert_allclose(found.weight[i].numpy(), weight, atol=1e-5)
        assert float(found.left[i, -1]) == pytest.approx(left**2, abs=1e-6)
    assert (found.left.diff(dim=1) <= 1e-9).all()
    signed = pursue(rows, atoms, count=4)
    assert float(found.left[:, -1].sum()) > float(signed.left[:, -1].sum())


def test_what_only_a_negative_weight_would_rebuild_is_left():
    atoms = torch.eye(3).double()
    found = pursue_nonnegative(-atoms, atoms, count=2)
    torch.testing.assert_close(found.left, torch.ones(3, 2).double())
    with pytest.raises(ValueError, match="count must lie between 1 and the 3 atoms"):
        pursue_nonnegative(atoms, atoms, count=4)
