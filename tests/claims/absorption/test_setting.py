"""Words, probes and metric of the shipped model, on a few words."""

import pytest
import torch

from saecore.claims.absorption import setting as opened
from saecore.source.tasks.labelled_words import labelled
from tests.claims.absorption.planted import planted_setting


@pytest.fixture(scope="module")
def parents(shipped):
    words = labelled(shipped, "pronoun", sentence=opened.SENTENCE, at_most=20)
    return opened.asked_parents(shipped, words, layer=1)


def test_parents_have_a_row_a_decision_and_a_gradient_per_word(parents):
    words = len(parents.words.words)
    assert parents.rows is parents.metric.rows
    assert len(parents.rows) == len(parents.probes.decision) == words
    assert parents.paths.gradient.shape == parents.rows.shape
    torch.testing.assert_close(
        parents.paths.clean, parents.metric.clean, rtol=1e-4, atol=1e-4
    )


def test_letters_that_are_told_follow_the_claims_gate():
    assert planted_setting().told.tolist() == [True, True, True]
    assert planted_setting(probe_f1=0.99).told.tolist() == [True, True, False]
    assert planted_setting(probe_f1=0.99).rule["probe_f1"] == 0.99


def test_the_wide_setting_is_the_widest_and_sparsest(setting):
    assert {(one.width, one.k) for one in opened.wide_setting(setting)} == {(640, 4)}
