"""TopK of rows, against torch.topk."""

import numpy as np
import pytest
import torch

from saecore.compiled.top_k import stride_of, top_k_rows


def top_k(pre: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    value = torch.full((len(pre), k), -7.0)
    latent = torch.full((len(pre), k), -7, dtype=torch.int32)
    top_k_rows(pre.numpy(), k, value.numpy(), latent.numpy())
    return value, latent


@pytest.mark.parametrize(
    ("width", "k"),
    [(96, 1), (96, 6), (96, 20), (97, 5), (4, 4), (640, 16), (1000, 3), (7, 1)],
)
def test_the_k_largest_of_every_row_ascending_by_latent(width: int, k: int) -> None:
    pre = torch.randn(30, width, generator=torch.Generator().manual_seed(2))
    value, latent = top_k(pre, k)
    expected = pre.topk(k, dim=1).indices.sort(1).values
    assert torch.equal(latent.long(), expected)
    assert torch.equal(pre.gather(1, expected), value)


def test_ties_are_settled_by_the_lower_latent() -> None:
    pre = torch.zeros(1, 200)
    pre[0, 150] = 1.0
    assert top_k(pre, 4)[1].tolist() == [[0, 1, 2, 150]]


def test_what_is_not_a_number_counts_as_the_largest_as_in_torch() -> None:
    pre = torch.zeros(2, 100)
    pre[0, 40], pre[0, 3], pre[1, 9] = torch.nan, 5.0, torch.inf
    _, latent = top_k(pre, 2)
    assert latent.tolist() == [[3, 40], [0, 9]]


@pytest.mark.parametrize(("width", "k", "lanes"), [(640, 8, 40), (640, 16, 80)])
def test_there_are_at_least_four_lanes_for_each_that_is_looked_for(width, k, lanes):
    assert stride_of(width, k) == lanes >= 4 * k
    assert stride_of(np.int64(20), 8) == 20
