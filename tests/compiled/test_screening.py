"""Bounds of bfloat16 products; the selections by them are tested with their callers."""

import numpy as np
import torch

from saecore.compiled.kth_largest import make_keys
from saecore.compiled.screening import bounds, dot, tightened

SHARE = 2 * 2.0**-8 + 2.0**-16 + 1e-4


def keys_of(values: torch.Tensor) -> np.ndarray:
    keys = values.float().numpy().copy().view(np.int32)
    make_keys(keys)
    return keys


def test_the_exact_number_lies_between_the_bounds() -> None:
    generator = torch.Generator().manual_seed(0)
    row, w = (
        torch.randn(64, generator=generator),
        torch.randn(500, 64, generator=generator),
    )
    bias = torch.randn(500, generator=generator)
    near = (row.bfloat16() @ w.bfloat16().T).view(torch.int16).numpy()
    reach = np.float32(SHARE * float(row.norm()))
    bits, low, high = (np.empty(500, np.int32) for _ in range(3))
    bounds(near, bias.numpy(), w.norm(dim=1).numpy(), reach, bits, low, high)
    exact = keys_of(row.double() @ w.double().T + bias)
    assert (low <= exact).all()
    assert (exact <= high).all()


def test_candidates_below_the_kth_lower_bound_go() -> None:
    low, high = (
        keys_of(torch.tensor([1.0, 3, 5, 2])),
        keys_of(torch.tensor([2.0, 4, 6, 3])),
    )
    found, spare = np.array([0, 1, 2, 3], np.int32), np.empty(4, np.int32)
    assert tightened(low, high, found, 4, 2, spare) == 3
    assert found[:3].tolist() == [1, 2, 3]


def test_the_inner_product() -> None:
    a, b = np.array([1, 2, 3], np.float32), np.array([4, 5, 6], np.float32)
    assert dot(a, b) == 32
