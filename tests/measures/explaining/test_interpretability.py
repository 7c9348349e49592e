from typing import Any

import pytest
import torch
from scipy import stats
from torch.testing import assert_close

from saecore.measures.explaining import interpretability
from saecore.measures.explaining import scores as explaining
from saecore.measures.explaining.fragments import fragments_of
from saecore.measures.explaining.predicates import Predicates

VOCABULARY = 30
RULE: dict[str, Any] = {"most": 5, "least": 20, "each": 5, "level": 0.95}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def predicates():
    return Predicates(VOCABULARY, {"letter": {"a": [1, 2, 7], "b": [3, 8]}})


@pytest.fixture(scope="module")
def texts():
    return fragments_of(
        torch.randint(0, VOCABULARY, (300, 60), generator=seeded(1)),
        generator=seeded(2),
        length=16,
    )


@pytest.fixture(scope="module")
def tokens(texts):
    """One latent per token: rules explain each of them wholly, and none of the
    others.
    """
    return torch.stack([1.0 * (texts.token == one) for one in range(VOCABULARY)])


def test_planted_latents_are_read_and_a_swapped_rule_reads_nothing(
    tokens, texts, predicates
):
    found = interpretability.autointerp(tokens, texts, predicates, **RULE)
    assert found.score == pytest.approx(1, abs=1e-5)
    assert abs(found.null) < 0.1
    row = found.columns()
    assert row["skipped"] == 0
    assert row["low"] <= row["simulation"] <= row["high"]
    assert row["fires on"] == pytest.approx(1 / VOCABULARY, rel=0.1)


def test_noise_is_not_read(texts, predicates):
    y = torch.rand(60, *texts.token.shape, generator=seeded(4))
    y = y * (torch.rand(y.shape, generator=seeded(5)) < 0.05)
    found = interpretability.autointerp(y, texts, predicates, **RULE)
    assert abs(found.score) < 0.1
    assert abs(found.score - found.null) < 0.1


def test_skipped_latents_are_counted_and_enter_the_second_mean_as_zero(
    tokens, texts, predicates
):
    y = tokens.clone()
    y[:10] = 0
    row = interpretability.autointerp(y, texts, predicates, **RULE).columns()
    assert row["skipped"] == 10
    assert row["skipped as 0"] == pytest.approx(row["simulation"] * 20 / 30, abs=1e-6)


def test_the_same_seed_reads_the_same(tokens, texts, predicates):
    first, again = (
        interpretability.autointerp(tokens, texts, predicates, seed=5, **RULE)
        for _ in range(2)
    )
    assert first.columns() == again.columns()
    assert_close(first.swapped, again.swapped, equal_nan=True)


def test_some_latents_are_different_ones_in_order_and_all_if_there_are_few():
    chosen = interpretability.drawn_latents(1000, 150)
    assert len(chosen.unique()) == 150
    assert bool((chosen.diff() > 0).all())
    assert int(chosen.max()) > 800  # not the first ones
    assert interpretability.drawn_latents(20, 150).tolist() == list(range(20))


def test_moments_of_a_latent_that_is_on_or_off_have_a_closed_form():
    p, a = 0.04, 3.0
    y = torch.zeros(1, 100, 100)
    y[0, :4] = a
    found = interpretability.moments(y)
    spread = a * a * p * (1 - p)
    for got, expected in zip(
        found,
        (a * p, spread, a**3 * p / spread**1.5, a**4 * p / spread**2),
        strict=True,
    ):
        assert_close(
            got, torch.tensor([expected], dtype=torch.float64), check_dtype=False
        )
    assert interpretability.moments(torch.zeros(1, 3, 3)).skew.isnan().all()


def test_correlations_leave_out_latents_without_a_number_and_equal_scipys():
    a, b = torch.rand(20, generator=seeded(1)), torch.rand(20, generator=seeded(2))
    a[3], b[7] = torch.nan, torch.inf
    kept = [i for i in range(20) if i not in (3, 7)]
    assert interpretability.correlated(a, b) == pytest.approx(
        stats.pearsonr(a[kept], b[kept])[0], abs=1e-6
    )
    with pytest.raises(ValueError, match="at least three latents"):
        interpretability.correlated(a[:3], b[:3] * torch.nan)


def test_an_inquiry_shows_one_half_and_asks_about_the_other(texts, tokens):
    y = tokens[:5] * (1 + torch.rand(tokens[:5].shape, generator=seeded(3)))
    for latent, one in enumerate(
        interpretability.inquiries(y, texts, generator=seeded(4), each=5)
    ):
        assert one.shown.shape == (5, 16)
        assert one.asked.shape == (10, 16)
        assert_close(one.activations > 0, one.shown == latent)
        assert_close(one.truth > 0, one.asked == latent)
        best = y[latent, texts.fitting].amax(1).topk(5).values
        assert_close(one.activations.amax(1), best)
        assert (one.truth.amax(1)[:5] >= one.truth.amax(1)[5:].max()).all()
        assert (one.truth.amax(1) > 0).all()


def test_predictions_that_are_right_score_one_as_those_of_rules_do(texts, tokens):
    asked = interpretability.inquiries(tokens[:5], texts, generator=seeded(4), each=5)
    truth = torch.stack([one.truth for one in asked])
    assert_close(explaining.simulation(2.5 * truth, truth)[0], torch.ones(5).double())


def test_no_latent_with_a_score_has_no_mean():
    with pytest.raises(ValueError, match="all were skipped"):
        interpretability.mean_score(
            torch.full((3,), torch.nan), generator=seeded(), level=0.95
        )


def test_the_interval_over_latents_is_wider_at_more_confidence():
    score = torch.rand(50, generator=seeded(1))
    wide, narrow = (
        interpretability.mean_score(score, generator=seeded(2), level=level).mean
        for level in (0.99, 0.5)
    )
    assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high
