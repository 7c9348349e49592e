"""The k-th largest, against sorting."""

import numpy as np
import pytest

from saecore.compiled.kth_largest import count_at_least, kth_largest, make_keys


def keys_of(values) -> np.ndarray:
    keys = np.array(values, np.float32).view(np.int32)
    make_keys(keys)
    return keys


def test_keys_have_the_order_of_the_numbers() -> None:
    values = [-np.inf, -3e38, -2.0, -1e-40, -0.0, 0.0, 1e-40, 0.5, 1e30, np.inf, np.nan]
    assert (np.diff(keys_of(values).astype(np.int64)) > 0).all()


@pytest.mark.parametrize("k", [1, 2, 7, 49, 50])
@pytest.mark.parametrize("seed", range(5))
def test_the_k_largest_reach_it_and_no_others(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=50) * 10.0 ** rng.integers(-30, 30, size=50)
    keys = keys_of(values)
    level = kth_largest(keys, k, 0)
    assert sorted(keys[keys >= level]) == sorted(keys)[-k:]


@pytest.mark.parametrize("more", [0, 1, 5])
def test_at_least_k_reach_it_and_at_most_so_many_more(more: int) -> None:
    keys = keys_of(np.random.default_rng(1).normal(size=300))
    reached = count_at_least(keys, kth_largest(keys, 20, more))
    assert 20 <= reached <= 20 + more


@pytest.mark.parametrize(("k", "reached"), [(1, 1), (2, 4), (4, 4), (5, 5), (6, 6)])
def test_equal_numbers_reach_it_together(k: int, reached: int) -> None:
    keys = keys_of([1.0, 1.0, 1.0, 0.0, np.inf, -np.inf])
    assert count_at_least(keys, kth_largest(keys, k, 0)) == reached
