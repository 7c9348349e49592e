"""Differences of mean scores: closed forms, and coverage on planted scores."""

import pytest
import torch
from scipy import stats

from saecore.measures.explaining.leads import (
    Scored,
    mean_lead,
    mean_of,
    paired_lead,
    share,
)

LEVEL = 0.95


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def one(latents, texts):
    return Scored(
        torch.tensor(latents, dtype=torch.float64),
        torch.tensor(texts, dtype=torch.float64),
    )


STILL = [0.5, 0.5, 0.5]
"""Resamples of texts that change nothing."""


def test_without_variance_over_texts_seeds_give_students_interval():
    means = [0.8, 0.82, 0.87]
    found = mean_of([one([m, m], STILL) for m in means], level=LEVEL)
    expected = stats.t.interval(LEVEL, 2, loc=sum(means) / 3, scale=stats.sem(means))
    assert found.estimate == pytest.approx(sum(means) / 3)
    assert (found.low, found.high) == pytest.approx(expected)


def test_one_dictionary_has_the_variance_over_its_latents():
    latents = [0.2, 0.5, 0.9, 0.4]
    found = mean_of([one(latents, STILL)], level=LEVEL)
    expected = stats.t.interval(LEVEL, 3, loc=0.5, scale=stats.sem(latents))
    assert (found.low, found.high) == pytest.approx(expected)


def test_seeds_that_are_alike_by_luck_have_the_variance_of_their_latents():
    latents = [0.2, 0.5, 0.9, 0.4]
    found = mean_of([one(latents, STILL), one(latents, STILL)], level=LEVEL)
    expected = stats.t.interval(LEVEL, 6, loc=0.5, scale=stats.sem(latents) / 2**0.5)
    assert (found.low, found.high) == pytest.approx(expected)


def test_the_difference_of_two_without_texts_is_welchs():
    a, b = [0.81, 0.84, 0.9, 0.7], [0.3, 0.6, 0.5]
    found = mean_lead(
        [one([m, m], STILL) for m in a], [one([m, m], STILL) for m in b], level=LEVEL
    )
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval(LEVEL)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_what_texts_do_to_both_cancels_and_what_they_do_to_one_counts():
    texts = torch.linspace(0.4, 0.6, 100).tolist()
    ours = [one([0.8, 0.8], texts), one([0.82, 0.82], texts)]
    same = [one([0.5, 0.5], texts), one([0.52, 0.52], texts)]
    still = [one([0.5, 0.5], [0.5] * 100), one([0.52, 0.52], [0.5] * 100)]
    together, apart = (mean_lead(ours, of, level=LEVEL) for of in (same, still))
    assert together.estimate == apart.estimate == pytest.approx(0.3)
    extra = apart.standard_error**2 - together.standard_error**2
    assert extra == pytest.approx(torch.tensor(texts).double().var().item())


def test_pairs_of_the_same_latents_are_compared_latent_by_latent():
    ours = [one([0.9, 0.1, 0.5], STILL), one([0.8, 0.2, 0.6], STILL)]
    lower = [one([0.8, 0.0, 0.4], STILL), one([0.7, 0.1, 0.5], STILL)]
    found = paired_lead(ours, lower, level=LEVEL)
    assert found.triple == pytest.approx((0.1, 0.1, 0.1))
    assert mean_lead(ours, lower, level=LEVEL).high > 0.2


def test_a_share_is_the_ratio_and_as_wide_as_its_parts():
    ours, others = [one([0.8, 0.8], STILL)] * 2, [one([0.4, 0.4], STILL)] * 2
    assert share(ours, others, level=LEVEL).triple == pytest.approx((0.5, 0.5, 0.5))
    others = [one([0.38, 0.38], STILL), one([0.42, 0.42], STILL)]
    found, plain = share(ours, others, level=LEVEL), mean_of(others, level=LEVEL)
    assert found.standard_error == pytest.approx(plain.standard_error / 0.8)
    with pytest.raises(ValueError, match="above 0"):
        share([one([0.0, 0.0], STILL)], others, level=LEVEL)


def test_a_mean_needs_latents():
    with pytest.raises(ValueError, match="at least two scored latents"):
        mean_of([one([0.5], STILL)], level=LEVEL)
    with pytest.raises(ValueError, match="at least two scored latents"):
        mean_of([], level=LEVEL)


def test_intervals_over_three_seeds_and_texts_hold_the_truth_often_enough():
    """Scores are a seed's mean, a text effect that both share, and one of their own."""
    draw, held, runs = seeded(3), 0, 400
    for _ in range(runs):
        common = 0.02 * torch.randn(1, generator=draw).double()
        spread = 0.02 * torch.randn(60, generator=draw).double()
        kinds = []
        for mean in (0.8, 0.6):
            own = 0.01 * torch.randn(1, generator=draw).double()
            around = 0.01 * torch.randn(60, generator=draw).double() + spread
            seeds = mean + 0.015 * torch.randn(3, generator=draw).double()
            kinds.append(
                [
                    Scored((m + common + own).repeat(2), m + common + own + around)
                    for m in seeds
                ]
            )
        found = mean_lead(*kinds, level=LEVEL)
        held += found.low <= 0.2 <= found.high
    assert held / runs > 0.93
