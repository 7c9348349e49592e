"""Every metric on dictionaries whose absorption is planted."""

import pytest
import torch

from saecore import profiles
from saecore.claims.absorption_metric import headline
from saecore.claims.absorption_metric.headline import (
    RULES,
    check_by_definition,
    null_check,
    pooled_check,
    rates_and_truth,
)
from saecore.claims.absorption_metric.known import PLANTED, WORLD
from saecore.measures.absorption.against_truth.metric_scores import Checked
from saecore.measures.absorption.true_outcomes import TRUTH_DEFINITIONS


def test_an_oracle_keeps_every_case_and_shows_no_gap(trials):
    one = trials["oracle"]
    assert one.shares["kept"] == 1
    assert one.true.tolist() == one.gap.tolist() == [0]
    assert one.asymmetry[0] == pytest.approx(0, abs=1e-6)
    assert one.swallowed == 0


def test_full_absorption_is_measured_where_the_children_are(trials, setting):
    one, cases = trials["absorbing"], setting.on.cases
    childs = (cases.childs & cases.fires)[:, 0].sum() / cases.fires[:, 0].sum()
    assert one.shares["absorbed"] == pytest.approx(float(childs))
    assert one.true[0] == pytest.approx(float(childs))
    assert (one.gap.tolist(), one.swallowed) == ([1], 1)
    assert one.asymmetry[0] > 0.1


def test_only_the_parents_asked_about_are_scored(trials):
    one = trials["absorbing"]
    asked, others = (
        part["best latent"]["SAEBench, full"].strict
        for part in (one.scores, one.others)
    )
    assert asked.true > 0
    assert others.true == 0


def test_pooling_takes_all_settings_of_a_seed_together(small):
    found = pooled_check(small.tried[WORLD], "best latent", "SAEBench, full")
    assert found.seeds == 3
    assert found.precision.estimate == found.precision.high == 1
    assert 0.99 < found.precision.low < 1
    assert found.recall.estimate == pytest.approx(1, abs=0.02)
    split = pooled_check(small.tried[WORLD], "split set", "SAEBench, full")
    assert split.recall.estimate < 0.5
    half = pooled_check(small.tried[WORLD], "true", "SAEBench, full", kind="mostly")
    assert half.recall.estimate == pytest.approx(1, abs=0.02)


def test_the_null_is_what_the_rule_reads_on_independent_families(small):
    runs = small.tried[PLANTED]
    null = null_check(runs, "best latent", "SAEBench, full")
    assert null is not None
    assert null.read.estimate == null.read.low == 0
    assert null.read.high > 0
    everyone = {
        name: [one._replace(others=one.others | {"best latent": none}) for one in group]
        for name, group in runs.items()
        for none in [{"SAEBench, full": nobody(group[0])}]
    }
    assert null_check(everyone, "best latent", "SAEBench, full") is None


def nobody(one):
    """A score without any case."""
    score = one.others["best latent"]["SAEBench, full"]
    return score._replace(strict=Checked(0, 0, 0, 0))


def test_the_last_definition_is_the_one_that_is_used(small):
    runs, last = small.tried[PLANTED], list(TRUTH_DEFINITIONS)[-1]
    used = pooled_check(runs, "best latent", "SAEBench, full")
    assert check_by_definition(runs, "best latent", "SAEBench, full", last) == used


def test_rates_are_by_setting_and_seed_and_graded_where_the_metric_is(small):
    runs = small.tried[WORLD]
    for rule in RULES:
        read, true = rates_and_truth(runs, "best latent", rule)
        assert read.shape == true.shape == (3, 3)
        assert torch.equal(true[:, 0], true[:, 1])
    strict, graded = (rates_and_truth(runs, "true", RULES[i])[1] for i in (1, 2))
    assert strict[:, 0].tolist() == pytest.approx(
        [one[0].shares["absorbed"] for one in runs.values()]
    )
    assert graded[0, 0] == 0


def test_a_study_tries_every_sae_of_both_subjects(absorbing_zoo, setting, monkeypatch):
    for name in ("world", "planted"):
        monkeypatch.setattr(headline, name, lambda *_: setting)
    found = headline.study(absorbing_zoo, profiles.read("tiny"))
    assert list(found.tried) == [WORLD, PLANTED]
    for by_setting in found.tried.values():
        assert [len(group) for group in by_setting.values()] == [3, 3, 3]
        assert by_setting["k 1"][0].true[0] > 0.3
