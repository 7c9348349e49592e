"""The order of the entries by latent."""

import torch

from saecore.training.sparse_or_dense import sorting


def test_both_routes_to_the_order_of_the_entries_agree_and_keep_ties_in_place() -> None:
    latent = torch.randint(
        0, 300, (5000,), generator=torch.Generator().manual_seed(0), dtype=torch.int32
    )
    quick, general = sorting(latent, 300), sorting(latent, 10**6)
    assert torch.equal(quick, general)
    assert torch.equal(quick, torch.argsort(latent, stable=True))
    assert sorting(latent[:0], 300).shape == (0,)


def test_latents_that_need_more_than_sixteen_bits_are_sorted_too() -> None:
    latent = torch.tensor([70_000, 5, 40_000, 5, 69_999], dtype=torch.int32)
    assert sorting(latent, 70_001).tolist() == [1, 3, 2, 4, 0]
