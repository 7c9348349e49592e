"""Sorting by counting."""

import numpy as np

from saecore.compiled.by_latent import sort_by_latent


def test_the_order_is_that_of_a_stable_sort() -> None:
    latent = np.random.default_rng(0).integers(0, 40, size=500).astype(np.int32)
    order, starts = np.empty(500, np.int32), np.empty(51, np.int32)
    sort_by_latent(latent, order, starts)
    assert (order == np.argsort(latent, kind="stable")).all()
    assert (np.diff(starts) == np.bincount(latent, minlength=50)).all()
    assert starts[0] == 0
