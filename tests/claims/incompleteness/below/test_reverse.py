"""Latents of the smaller SAE for the larger one, for planted features."""

import pytest

from saecore.claims.incompleteness.below.reverse import reverse
from tests.claims.incompleteness import planted


def test_a_refit_larger_sae_lacks_nothing_that_it_holds():
    found = reverse(planted.world(shrink=0.4))
    assert list(found.into_larger) == [
        ("relu", 8, 32),
        ("relu", 8, 16),
        ("relu", 16, 32),
        ("relu", 32, 64),
    ]
    base = ("relu", 8, 32)
    assert found.into_larger[base].estimate == 1
    assert found.into_refit[base].estimate == 0
    assert found.control[base].estimate == pytest.approx(1 / 4)
