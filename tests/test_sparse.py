"""CSR operations against dense arrays."""

import pytest
import torch

from saecore import sparse
from saecore.sparse import decode, dots, pointers, row_of


def problem():
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(9, 7, generator=generator).relu()
    latents[4] = 0
    return (
        latents,
        torch.randn(7, 5, generator=generator),
        torch.randn(9, 5, generator=generator),
    )


def test_dense_undoes_sparse_and_empty_rows_stay_empty() -> None:
    latents, _, _ = problem()
    active = sparse.sparse(latents)
    torch.testing.assert_close(sparse.dense(active, 7), latents)
    assert active.crow[4] == active.crow[5]
    assert torch.equal(row_of(active).long(), latents.nonzero()[:, 0])


def test_the_sparse_decoder_is_the_dense_one() -> None:
    latents, directions, _ = problem()
    torch.testing.assert_close(
        decode(sparse.sparse(latents), directions), latents @ directions
    )


def test_dots_are_the_entries_of_the_full_product_by_either_route() -> None:
    latents, directions, rows = problem()
    active = sparse.sparse(latents)
    expected = (rows @ directions.T)[latents != 0]
    torch.testing.assert_close(
        dots(active.crow, active.latent, rows, directions), expected
    )
    gathered = sparse._dots_by_gathering(active.crow, active.latent, rows, directions)
    torch.testing.assert_close(gathered, expected)


def test_pointers_mark_runs_and_empty_groups() -> None:
    groups = torch.tensor([0, 0, 2, 2, 2])
    assert pointers(groups, 4).tolist() == [0, 2, 2, 5, 5]


def test_blocks_of_rows_are_joined_to_the_whole() -> None:
    latents, _, _ = problem()
    parts = [sparse.sparse(block) for block in latents.split([4, 0, 1, 4])]
    whole, found = sparse.sparse(latents), sparse.joined(parts)
    torch.testing.assert_close(found, whole, rtol=0, atol=0)
    assert [field.dtype for field in found] == [field.dtype for field in whole]
    with pytest.raises(ValueError, match="one block or more"):
        sparse.joined([])


def test_the_scipy_array_holds_the_same_numbers() -> None:
    latents, _, _ = problem()
    found = sparse.matrix(sparse.sparse(latents), 7)
    assert found.shape == (9, 7)
    torch.testing.assert_close(torch.from_numpy(found.toarray()), latents)


def test_the_scipy_array_and_back_is_the_same_active() -> None:
    active = sparse.sparse(problem()[0])
    back = sparse.from_matrix(sparse.matrix(active, 7), torch.device("cpu"))
    torch.testing.assert_close(back, active, rtol=0, atol=0)


def test_pointers_of_counts_are_their_running_sums() -> None:
    assert sparse.pointers_of(torch.tensor([2, 0, 3])).tolist() == [0, 2, 2, 5]
    assert sparse.pointers_of(torch.tensor([], dtype=torch.int64)).tolist() == [0]


@pytest.mark.parametrize(("width", "sizes"), [(640, (8, 4)), (640, (16,)), (30, (4,))])
def test_top_k_in_two_stages_is_top_k(width, sizes) -> None:
    pre = torch.randn(20, width, generator=torch.Generator().manual_seed(1))
    value, where = sparse.top_k(pre, 6, sizes=sizes)
    torch.testing.assert_close(value, pre.gather(1, where))
    expected = pre.topk(6, dim=1).values
    torch.testing.assert_close(value.sort(dim=1, descending=True).values, expected)
