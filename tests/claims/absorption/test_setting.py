"""Words, probes and metric of the shipped model, on a few words."""

from dataclasses import replace

import pytest
import torch

from saecore.claims.absorption import setting as opened
from saecore.source.tasks.labelled_words import labelled
from tests.claims.absorption.planted import PROFILE, planted_setting


@pytest.fixture(scope="module")
def parents(shipped):
    words = labelled(shipped, "pronoun", sentence=opened.SENTENCE, at_most=20)
    return opened.asked_parents(shipped, words, layer=1)


def test_parents_have_a_row_and_a_decision_per_word(parents):
    words = len(parents.words.words)
    assert parents.rows is parents.metric.rows
    assert len(parents.rows) == len(parents.probes.decision) == words
    assert parents.asked


def test_letters_that_are_told_follow_the_claims_gate():
    assert planted_setting().told.tolist() == [True, True, True]
    assert planted_setting(probe_f1=0.99).told.tolist() == [True, True, False]
    assert planted_setting(probe_f1=0.99).rule["probe_f1"] == 0.99


def test_first_letters_are_asked_of_a_model_that_can_name_them(zoo):
    asked = opened.asked_letters(zoo, replace(PROFILE, words_a_letter=20))
    counts = asked.letters.words.labels.sum(0)
    assert len(counts) > 15
    assert set(counts.tolist()) == {20}
    assert (asked.letters.metric.clean > 0).float().mean() > 0.9
    assert asked.claim.name == "absorption"
    assert asked.told.sum() > 5
    letter = asked.letters.label[0]
    first = asked.letters.words.words[0][0].upper()
    assert asked.letters.words.names[letter] == first


def test_letters_in_context_are_probed_on_more_words_than_are_measured(
    shipped, monkeypatch
):
    # the shipped model was taught sentences, and answers nothing after examples
    monkeypatch.setattr(opened.answers, "able", lambda *_: None)
    asked = replace(PROFILE, in_context=2, words_a_letter=20, probe_words=40)
    found = opened.in_context(asked, shipped)
    counts = found.words.labels.sum(0)
    assert set(counts.tolist()) == {20}
    assert len(found.rows) == len(found.probes.decision) == len(found.words.words)
    assert all(one.text.count("\n") == 2 for one in found.words.prompts)
    told = (found.probes.decision == found.words.labels).float().mean()
    assert told > 0.9


def test_words_are_spread_over_their_order():
    labels = torch.zeros(10, 2, dtype=torch.bool)
    labels[:8, 0], labels[8, 1] = True, True
    assert opened.spread_words(labels, 4).tolist() == [0, 2, 4, 6, 8]
    assert opened.spread_words(labels[:, :0], 4).tolist() == []
