"""CSR operations against dense arrays."""

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
