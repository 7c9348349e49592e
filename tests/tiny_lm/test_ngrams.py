"""Baselines: Witten-Bell chances add up to one and agree with a case done by hand."""

import math

import numpy as np
import pytest
from torch.testing import assert_close

from saecore.tiny_lm.ngrams import Ngrams, ngram_losses

TEXT = np.array([0, 1, 2, 1, 2, 3, 1, 1, 2, 0, 1, 3], dtype=np.uint16)


@pytest.mark.parametrize("before", [(0, 1), (1, 2), (3, 3), (2, 0)])
def test_the_chances_of_all_tokens_add_up_to_one(before):
    model = Ngrams(TEXT, vocabulary=6)
    totals = np.array([model.chances(before, token) for token in range(6)]).sum(0)
    np.testing.assert_allclose(totals, 1.0, rtol=1e-12)


def test_chances_are_those_computed_by_hand():
    model = Ngrams(np.array([0, 1, 0, 1, 0, 2], dtype=np.uint16), vocabulary=3)
    one = 2.5 / 7.5
    two = (2 + 2 * one) / (3 + 2)  # 0 is followed by 1, 1, 2: two kinds
    three = (1 + 2 * two) / (2 + 2)  # (1, 0) is followed by 1 and by 2
    assert_close(model.chances((1, 0), 1), (one, two, three))


def test_a_context_never_seen_falls_back_to_the_shorter_one():
    model = Ngrams(TEXT, vocabulary=6)
    _, two, three = model.chances((5, 1), 2)
    assert two == three


def test_a_text_that_repeats_itself_costs_nearly_nothing_with_context_and_much_without():
    text = np.tile(np.array([0, 1, 2, 3], dtype=np.uint16), 200)
    losses = ngram_losses(text, text[:100], vocabulary=4)
    assert_close(losses.unigram, math.log(4), atol=0.02, rtol=0)
    assert losses.trigram < 0.02
    assert losses.bigram < 0.02


def test_a_skipped_token_is_context_and_not_scored():
    text = np.tile(np.array([0, 1, 2], dtype=np.uint16), 300)
    surprise = np.array([0, 1, 2, 0, 1, 0, 1, 2, 2], dtype=np.uint16)
    scored = ngram_losses(text, surprise, vocabulary=3)
    without = ngram_losses(text, surprise[:-1], vocabulary=3, skipped=0)
    assert scored.trigram > 1
    assert without.trigram < 0.02
