"""Biases and decoders fitted anew, for planted features."""

import pytest

from saecore.claims.incompleteness.below.refits import bias_growth, stitched_refits
from tests.claims.incompleteness import planted


def test_equal_biases_cost_nothing():
    found = bias_growth(planted.model())
    assert found.names == ["16", "32", "64", "128", "256", "16, other seed"]
    assert found.growth.abs().max() < 1e-6


def test_a_refit_takes_the_shrinkage_away_and_new_features_help():
    found = stitched_refits(planted.model(shrink=0.5))
    narrow, both = found["width 16"], found["with the novel latents of 64"]
    assert narrow.error < narrow.raw
    assert both.latents == 16 + 48
    assert both.error < narrow.error
    assert both.error == pytest.approx(found["width 64"].error, rel=0.1)
    assert found["with as many drawn at random"].latents == both.latents
    other = found["with the novel latents of another seed"]
    assert both.error < other.error < narrow.error
