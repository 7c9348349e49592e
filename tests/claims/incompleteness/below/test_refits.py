"""Biases and decoders fitted anew, for planted features."""

import pytest
import torch

from saecore.claims.incompleteness.below.refits import (
    bias_growth,
    matched_firings,
    refit_lead,
    stitched_refits,
)
from saecore.measures.dictionary.encoded import Encoded
from saecore.sparse import sparse
from tests.claims.incompleteness import planted


def test_equal_biases_cost_nothing():
    found = bias_growth(planted.model())
    assert found.names == ["16", "32", "64", "128", "256", "16, other seed"]
    assert found.growth.abs().max() < 1e-6
    assert len(found.seeds) == 5 * 6
    assert len(found.neighbours) == 8


def test_other_biases_cost_their_squared_distance():
    """Rows that an SAE explains on average: the error grows by |c|^2 / error."""
    held = planted.model()
    off = torch.zeros(planted.D_MODEL)
    off[0] = 3.0
    several = held.saes["relu"] | {
        16: [
            one._replace(bias=one.bias + k * off)
            for k, one in enumerate(held.seeds("relu", 16))
        ]
    }
    found = bias_growth(held._replace(saes=held.saes | {"relu": several}))
    assert max(found.seeds) > 10 * max(found.neighbours)
    assert found.worst == pytest.approx(float(found.growth[:-1, :-1].max()))


def test_a_refit_takes_the_shrinkage_away_and_new_features_help():
    found = stitched_refits(planted.model(shrink=0.5))
    narrow, both = found["width 16"], found["with all novel latents of 64"]
    assert narrow.error < narrow.raw
    assert both.latents == 16 + 48
    assert both.error < narrow.error
    assert both.error == pytest.approx(found["width 64"].error, rel=0.1)


def test_matched_sets_have_as_many_latents_and_nearly_the_same_l0():
    found = stitched_refits(planted.model(shrink=0.5))
    new = found["with the matched ones of these"]
    other = found["with as many of other seeds, matched"]
    drawn = found["with as many drawn at random"]
    assert new.latents == other.latents == drawn.latents > 16
    assert new.l0 == pytest.approx(other.l0, rel=0.1)
    expected = (other.error - new.error) / new.variance
    assert refit_lead(found) == pytest.approx(expected)


def fires(*times: int) -> Encoded:
    latents = (torch.arange(100)[:, None] < torch.tensor(times)).float()
    return Encoded(sparse(latents), torch.eye(len(times)), torch.zeros(len(times)))


def test_latents_are_matched_by_how_often_they_fire():
    first, second = fires(10, 50, 80, 0), fires(52, 9, 2, 0)
    among = torch.tensor([True, True, False, True])
    found = matched_firings(first, second, among=among)
    assert found[0].tolist() == [True, True, False, False]
    assert found[1].tolist() == [True, True, False, False]
    # 10 and 12 could both be 11, and 12 alone could be 14: two pairs, not one
    most = matched_firings(fires(10, 12), fires(11, 14), among=torch.ones(2).bool())
    assert [part.sum() for part in most] == [2, 2]
    far = matched_firings(fires(10), fires(50), among=torch.tensor([True]))
    assert [part.sum() for part in far] == [0, 0]
