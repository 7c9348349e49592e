"""Rates of features: against enumeration, hand calculation and sae_lens."""

from itertools import product

import pytest
import torch
from torch.testing import assert_close

from saecore.source.worlds.rates import drawn_probability, kept_probability, zipf


def by_enumeration(drawn):
    """The slow twin: every subset of features that may fire, its survivor chosen
    uniformly.
    """
    kept = torch.zeros(len(drawn), dtype=torch.float64)
    for fired in product([0, 1], repeat=len(drawn)):
        chosen = torch.tensor(fired, dtype=torch.float64)
        chance = torch.where(chosen > 0, drawn, 1 - drawn).prod()
        kept += chance * chosen / max(sum(fired), 1)
    return kept


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_kept_probability_agrees_with_the_enumeration_of_all_subsets(count):
    drawn = torch.linspace(0.05, 0.9, count, dtype=torch.float64)
    assert_close(kept_probability(drawn), by_enumeration(drawn), rtol=1e-12, atol=0)


def test_two_exclusive_features_share_the_rows_in_which_both_are_drawn():
    kept = kept_probability(torch.tensor([0.4, 0.5], dtype=torch.float64))
    assert_close(kept, torch.tensor([0.4 - 0.1, 0.5 - 0.1], dtype=torch.float64))


def test_drawn_probability_inverts_kept_probability():
    wanted = zipf(60, exponent=1.0, most=0.02, least=0.003)
    drawn = drawn_probability(wanted)
    assert_close(kept_probability(drawn), wanted.double(), rtol=1e-6, atol=0)
    assert (drawn > wanted).all()


def test_an_exclusive_feature_without_siblings_is_drawn_as_often_as_wanted():
    assert_close(
        drawn_probability(torch.tensor([0.7])), torch.tensor([0.7]), check_dtype=False
    )


@pytest.mark.parametrize("wanted", [[0.5, 0.5], [0.6, 0.6], [0.9, 0.2]])
def test_exclusive_features_that_leave_no_empty_rows_are_refused(wanted):
    with pytest.raises(ValueError, match="must leave room"):
        drawn_probability(torch.tensor(wanted))


def test_zipf_probabilities_are_those_of_sae_lens():
    from sae_lens.synthetic import zipfian_firing_probabilities

    ours = zipf(60, exponent=1.3, most=0.2, least=0.02)
    theirs = zipfian_firing_probabilities(60, exponent=1.3, max_prob=0.2, min_prob=0.02)
    assert_close(ours, theirs, rtol=1e-5, atol=0)


def test_zipf_of_three_features_by_hand():
    assert_close(
        zipf(3, exponent=1.0, most=0.5, least=0.1), torch.tensor([0.5, 0.2, 0.1])
    )
    assert_close(zipf(1, exponent=1.0, most=0.5, least=0.1), torch.tensor([0.5]))
    assert zipf(0, exponent=1.0, most=0.5, least=0.1).shape == (0,)
