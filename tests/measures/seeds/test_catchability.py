"""Populations whose features come back with known probabilities, and one-offs among
them.
"""

import math

import pytest
import torch

from saecore.measures.algebra.intervals import Interval
from saecore.measures.seeds.catchability import (
    BetaBinomial,
    beta_binomial,
    over_features,
)
from saecore.measures.seeds.many_seeds import alone
from tests.measures.seeds.populations import CAPTURES, beta, caught


@pytest.mark.parametrize("one_offs", [0, 150])
def test_unequal_features_and_one_offs_are_recovered(one_offs):
    captures = caught(beta(1.5, 2.0, 5000), one_offs=one_offs)
    found = beta_binomial(captures)
    assert found.features == pytest.approx(5000, rel=0.04)
    assert (found.alpha, found.beta) == pytest.approx((1.5, 2.0), rel=0.25)
    latents = float(captures @ torch.arange(1.0, 10, dtype=torch.float64))
    assert found.floor == pytest.approx(9 * one_offs / latents, abs=0.01)
    assert found.unseen == pytest.approx(
        found.features - float(captures.sum()) * (1 - found.once)
    )


def test_without_one_offs_in_the_model_they_are_taken_for_rare_features():
    captures = caught(beta(1.5, 2.0, 5000), one_offs=150)
    plain, full = beta_binomial(captures, once=False), beta_binomial(captures)
    assert plain.floor == plain.once == 0
    assert plain.features > 1.15 * full.features
    assert full.log_likelihood > plain.log_likelihood + 10


def test_the_fitted_law_is_a_law_and_its_curve_starts_where_the_counts_do():
    found = beta_binomial(CAPTURES)
    assert float(found.expected.sum()) == pytest.approx(float(CAPTURES.sum()))
    latents = found.expected * torch.arange(1, 10)
    curve = alone(
        latents / latents.sum()
    )  # hypergeometric, from the expected histogram
    torch.testing.assert_close(
        found.alone(torch.arange(1, 10)), curve, atol=1e-6, rtol=1e-6
    )


def test_the_curve_predicts_seeds_that_were_not_used():
    probability = beta(0.8, 0.6, 6000)
    few, many = (
        caught(probability, seeds=6, one_offs=100),
        caught(probability, seeds=24, one_offs=100),
    )
    latents = many * torch.arange(1, 25)
    expected = alone(latents / latents.sum())
    predicted = beta_binomial(few).alone(torch.tensor([2, 6, 12, 24]))
    torch.testing.assert_close(predicted, expected[[1, 5, 11, 23]], atol=0.015, rtol=0)


def test_the_published_histogram_is_fitted_and_its_floor_lies_below_its_orphans():
    found = beta_binomial(CAPTURES)
    torch.testing.assert_close(
        found.expected / CAPTURES.sum(), CAPTURES / CAPTURES.sum(), atol=1e-3, rtol=0
    )
    assert (
        found.alpha < 0
    )  # rare features without end: their number is not in these data
    assert math.isinf(found.features)
    assert 0.15 < found.floor < 0.30 < float(found.alone(torch.tensor([9]))[0])
    assert found.beta < 1  # U-shaped: many latents come back nearly always


def test_redrawn_features_give_an_interval_around_the_floor():
    captures = caught(beta(1.5, 2.0, 1500), one_offs=60)
    truth = 540 / float(captures @ torch.arange(1.0, 10, dtype=torch.float64))
    found = over_features(
        captures,
        lambda f: beta_binomial(f).floor,
        generator=torch.Generator().manual_seed(0),
        draws=12,
        level=0.95,
    )
    assert isinstance(found, Interval)
    assert found.low < truth < found.high
    assert found.high - found.low < 0.1


def test_too_few_seeds_are_refused():
    with pytest.raises(
        ValueError, match="at least 5 seeds, got 4 seeds and 4 features"
    ):
        beta_binomial(torch.ones(4))
    with pytest.raises(ValueError, match="and 0 features"):
        beta_binomial(torch.zeros(6))
    assert isinstance(beta_binomial(CAPTURES), BetaBinomial)
