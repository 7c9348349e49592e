"""Latents of the smaller SAE for the larger one, for planted features."""

import pytest
import torch

from saecore.claims.incompleteness.below.reverse import SMALL_DOSE, dosed, reverse
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.stitching.insertion import inserted
from saecore.sparse import sparse
from tests.claims.incompleteness import planted
from tests.measures.stitching.test_insertion import normal


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
    # what it holds and shrinks not, it cannot use even a little of
    assert found.dose[base].estimate == 0
    assert found.dose_control[base].estimate == pytest.approx(1 / 4)


def test_a_latent_that_is_half_right_helps_at_a_small_dose_alone():
    """Its best factor is 0.3: too large as it is, welcome as a little."""
    rest = torch.tensor([[0.3, 0.0]] * 40) + 0.01 * normal(40, 2).float()
    large = Encoded(sparse(torch.ones(40, 1)), torch.eye(2)[:1], torch.zeros(2))
    whole, little = (inserted(one, rest)[0] for one in (large, dosed(large)))
    assert float(whole.effect) == pytest.approx(1 - 2 * 0.3, abs=0.02)
    assert float(little.effect) == pytest.approx(
        SMALL_DOSE**2 - 2 * SMALL_DOSE * 0.3, rel=0.05
    )
