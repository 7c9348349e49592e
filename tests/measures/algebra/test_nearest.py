"""The largest dot products are those of the full matrix, tile by tile."""

import pytest
import torch

from saecore.measures.algebra.nearest import nearest, same_space, unit_rows
from tests.measures.algebra.pairs_to_match import directions


def test_the_largest_products_are_those_of_the_full_matrix():
    a, b = directions(300, 8), directions(20000, 8, seed=2)
    value, other = nearest(a, b, count=24)
    expected = (a @ b.T).topk(24, dim=1)
    torch.testing.assert_close(value, expected.values)
    torch.testing.assert_close(
        (a[:, None] * b[other]).sum(2), expected.values, atol=1e-5, rtol=1e-5
    )
    grouped = nearest(a, b[:8192], count=96)
    torch.testing.assert_close(grouped.value, (a @ b[:8192].T).topk(96, dim=1).values)
    assert all(len(set(row)) == 96 for row in grouped.other.tolist())


def test_unit_rows_survive_tiny_and_huge_norms():
    x = torch.tensor([[3e-30, 4e-30], [3e30, 4e30], [0.0, 0.0]])
    torch.testing.assert_close(
        unit_rows(x), torch.tensor([[0.6, 0.8], [0.6, 0.8], [0.0, 0.0]])
    )
    assert unit_rows(torch.ones(1, 4, dtype=torch.bfloat16)).dtype == torch.float32


def test_directions_of_two_spaces_are_refused():
    with pytest.raises(ValueError, match=r"same d_model, got \(3, 4\) and \(3, 5\)"):
        same_space(torch.ones(3, 4), torch.ones(3, 5))
    with pytest.raises(ValueError, match="between 1 and the 3 rows"):
        nearest(torch.ones(2, 4), torch.ones(3, 4), count=4)
