"""Cases of parents that are known, whatever the dictionary."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption.true_cases import dual_rows, true_cases

# Parent 0 with children 1 and 2, and 3, which is nobody's.
PARENT = torch.tensor([-1, 0, 0, -1])
TRUTH = torch.tensor(
    [[2.0, 0, 0, 1], [1, 3, 0, 0], [0, 0, 0, 4], [1, 0, 1, 1], [0, 0, 0, 0]]
)


def slanted(features: int, d_model: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(features, d_model, generator=generator)
    return torch.eye(d_model)[:features] + 0.3 * drawn


@pytest.mark.parametrize("sparse", [False, True])
def test_cases_are_the_rows_with_an_active_parent(sparse):
    truth = TRUTH.to_sparse_coo() if sparse else TRUTH
    found = true_cases(truth, torch.eye(4), PARENT)
    assert found.row.tolist() == [0, 1, 3]
    assert found.parents.tolist() == [0]
    assert found.size.tolist() == [2, 1, 1]
    assert found.fires[:, 0].tolist() == [True, True, False, True, False]
    assert found.childs[:, 0].tolist() == [False, True, False, True, False]


def test_the_dual_gives_the_parents_part_of_a_row_exactly():
    directions = slanted(4, 8)
    found = true_cases(TRUTH, directions, PARENT)
    rows = (TRUTH @ directions).double()[found.row]
    assert_close((rows * found.dual).sum(1), found.size.double(), rtol=1e-6, atol=1e-6)


def test_dual_rows_see_their_feature_and_no_other_that_is_active():
    directions = slanted(6, 8)
    generator = torch.Generator().manual_seed(1)
    truth = (torch.rand(300, 6, generator=generator) < 0.4).float()
    row, feature = truth.nonzero(as_tuple=True)
    dual = dual_rows(truth, directions, row, feature, chunk=100)
    for case in range(0, len(row), 7):
        on = (truth[row[case]] > 0).nonzero().flatten()
        seen = directions[on].double() @ dual[case]
        assert_close(seen, (on == feature[case]).double(), rtol=0, atol=1e-9)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="silent"):
        dual_rows(TRUTH, torch.eye(4), torch.tensor([0]), torch.tensor([1]))
    with pytest.raises(ValueError, match="a parent and a child"):
        true_cases(TRUTH, torch.eye(4), torch.full((4,), -1))
