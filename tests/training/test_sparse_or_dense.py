"""The order of the entries by latent."""

import pytest
import torch

from saecore.training.sparse_or_dense import sorted_by_latent, top_k_entries

pytestmark = pytest.mark.usefixtures("way")


@pytest.mark.parametrize("latents", [300, 70_001])
def test_entries_are_sorted_by_latent_and_ties_stay_in_place(latents: int) -> None:
    generator = torch.Generator().manual_seed(0)
    latent = torch.randint(0, latents, (5000,), generator=generator, dtype=torch.int32)
    order, starts = sorted_by_latent(latent, latents)
    assert torch.equal(order.long(), torch.argsort(latent, stable=True))
    assert torch.equal(torch.diff(starts), torch.bincount(latent, minlength=latents))


def test_no_entries_at_all_can_be_sorted() -> None:
    order, starts = sorted_by_latent(torch.zeros(0, dtype=torch.int32), 300)
    assert order.shape == (0,)
    assert torch.equal(starts, torch.zeros(301, dtype=torch.int32))


def test_top_k_entries_are_numbered_row_by_row() -> None:
    latent = torch.tensor([[2, 0], [1, 3], [0, 1]], dtype=torch.int32)
    entries = top_k_entries((torch.rand(3, 2), latent), saes=1, width=4)
    assert entries.row.tolist() == [0, 0, 1, 1, 2, 2]
    assert entries.crow.tolist() == [0, 2, 4, 6]
    assert torch.equal(entries.latent, latent.flatten())
