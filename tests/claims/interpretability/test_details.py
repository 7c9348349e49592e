"""Details on the planted case: labels that one token has, moments, a judge."""

import pytest
import torch

from saecore.claims.interpretability.details import (
    ENTROPY,
    asked_of_judge,
    judged_rows,
    known_attributes,
    less_asked,
    score_and_moments,
    token_labels,
    told_by_supervision,
)
from saecore.judge.judge import JudgedLatent


def test_a_label_of_one_token_is_told_by_its_latent_and_not_if_shuffled(found, profile):
    told = known_attributes(found.explainer, found.compared, profile)
    ours = told["TopK (base), seed 0"]
    assert float(ours.true.of_labels.f1.max()) == pytest.approx(1)
    assert int(ours.true.of_labels.partner[ours.true.of_labels.f1.argmax()]) == 0
    assert float(ours.null.of_labels.f1.max()) < 0.6
    assert list(told)[3:] == [
        "BatchTopK", "ReLU", "Gated", "JumpReLU", "Matryoshka", "coordinates, top 8",
        "random directions, top 8", "PCA, top 8", "ICA, top 8",
    ]  # fmt: skip
    row = ours.columns()
    assert row["labels with F1 above 0.8"] == (ours.true.of_labels.f1 > 0.8).sum()


def test_directions_that_were_told_a_label_tell_it_and_shuffled_ones_do_not(found):
    told = told_by_supervision(found.explainer)
    assert len(told) == 2
    for row in told.values():
        mean = row["best latent per label, mean F1"]
        assert mean == pytest.approx(1, abs=0.01)
        assert row["null"] < 0.7


def test_labels_are_frequent_enough_and_shuffling_keeps_their_number(found):
    labels = token_labels(found.explainer)
    for known, mixed in zip(labels.known, labels.shuffled, strict=True):
        assert torch.equal(known.sum(0), mixed.sum(0))
        assert not torch.equal(known, mixed)
        assert int(known.sum(0).min()) >= 50
        assert int(known.sum(0).max()) <= len(known) // 2


def test_scores_that_ask_for_less_are_full_where_a_rule_is_right(found):
    asked = less_asked(found.explainer, found.compared)
    base = asked["TopK (base), seed 1"].columns()
    assert base["fuzzing"] == pytest.approx(1, abs=0.01)
    assert base["detection"] > 0.95
    assert asked["ICA, top 8"].score < base["simulation"]


def test_a_moment_has_an_interval_over_the_seeds(found):
    by_moment = score_and_moments(found.explainer, found.compared, found.of.base)
    assert list(by_moment) == ["mean", "variance", "skew", "kurtosis", ENTROPY]
    entropy = by_moment.pop(ENTROPY)
    assert entropy.estimate != entropy.estimate  # planted latents have one token each
    for one in by_moment.values():
        assert -1 <= one.estimate <= 1
        assert one.low == pytest.approx(one.high)  # the planted seeds are alike


def test_a_judge_that_is_right_scores_one_beside_the_rules(found):
    asked = asked_of_judge(found.explainer, found.compared.base[0], number=3)
    each = int(found.claim.constants["each"])
    assert [one.latent for one in asked.questions] == asked.latents.tolist()
    assert all(len(one.shown) == each for one in asked.questions)
    assert all(len(one.asked) == 2 * each for one in asked.questions)
    said = [
        JudgedLatent(int(latent), "a word", 3.0 * one.truth, 0)
        for latent, one in zip(asked.latents, asked.inquiries, strict=True)
    ]
    rows = judged_rows(asked, said, rules_of=found.of.base[0])
    assert [row["score"] for row in rows] == pytest.approx([1, 1, 1], abs=1e-4)
    rules = found.of.base[0].scores.simulation[:3].tolist()
    assert [row["rule"] for row in rows] == rules
