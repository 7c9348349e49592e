"""Entries above a floor, from float32 pre-activations."""

import numpy as np
import pytest
import torch

from saecore.compiled.above import BLOCK, any_above, rows_above


@pytest.mark.parametrize("width", [1, BLOCK, BLOCK + 1, 100])
def test_every_entry_above_its_floor_row_by_row(width: int) -> None:
    generator = torch.Generator().manual_seed(width)
    pre, floor = (
        torch.randn(9, width, generator=generator),
        torch.randn(width, generator=generator),
    )
    row, latent = np.empty(pre.numel(), np.int32), np.empty(pre.numel(), np.int32)
    value = np.empty(pre.numel(), np.float32)
    count = rows_above(pre.numpy(), floor.numpy(), 5, row, latent, value)
    expected = (pre > floor).nonzero()
    assert count == len(expected)
    assert (row[:count] - 5).tolist() == expected[:, 0].tolist()
    assert latent[:count].tolist() == expected[:, 1].tolist()
    assert value[:count].tolist() == pre[pre > floor].tolist()


def test_an_entry_at_its_floor_is_not_above_it_and_no_number_may_be() -> None:
    floor = np.zeros(3, np.float32)
    assert not any_above(np.array([0, -1, 0], np.float32), floor)
    assert any_above(np.array([0, np.nan, 0], np.float32), floor)
