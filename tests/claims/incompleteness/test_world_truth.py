"""Ways to call latents novel, where the truth is planted."""

import pytest

from saecore.claims.incompleteness.world_truth import world_truth
from tests.claims.incompleteness import planted

BASE, CONTROL = ("relu", 8, 32), ("relu", 8, 8)


def test_without_shrinkage_all_ways_are_right():
    found = world_truth(planted.world(), planted.world_features())
    for pair, share in ((BASE, 3 / 4), (CONTROL, 1 / 4)):
        for way in ("effect", "effect, refit", "cosine"):
            call = found.calls[(*pair, way)]
            assert call.really_new.estimate == pytest.approx(share)
            assert call.called.estimate == pytest.approx(share)
            assert {one.estimate for one in call[2:]} == {1}


def test_a_shrunken_sae_calls_copies_novel_until_its_decoder_is_refit():
    found = world_truth(planted.world(shrink=0.4), planted.world_features())
    plain, refit = (found.calls[(*CONTROL, way)] for way in ("effect", "effect, refit"))
    assert (plain.called.estimate, plain.recall.estimate) == (1, 1)
    assert plain.precision.estimate == pytest.approx(1 / 4)
    assert 0 < plain.precision.low < 1 / 4 < plain.precision.high
    assert (refit.precision.estimate, refit.recall.estimate) == (1, 1)
    assert found.shrinkage == pytest.approx(0.6 / 0.4, abs=1e-3)
