"""Rows of the page, on a study whose truth is planted."""

import pytest

from saecore.claims.absorption_metric import scores
from saecore.claims.absorption_metric.headline import RULES
from saecore.claims.absorption_metric.known import PLANTED
from saecore.measures.absorption.metrics import METRICS
from saecore.measures.absorption.true_outcomes import TRUTH_DEFINITIONS


def test_subjects_are_counted_by_kind_of_family(small):
    rows = scores.subject_rows(small)
    assert len(rows) == 4
    hierarchical, independent = rows[2:]
    assert (hierarchical["parents"], independent["parents"]) == (1, 1)
    assert hierarchical["with a child"] == pytest.approx(0.4, abs=0.05)
    assert independent["with a child"] == pytest.approx(0.1, abs=0.03)
    assert hierarchical["children of each"] == 2


def test_the_truth_is_averaged_over_the_seeds_of_each_sae(small):
    rows = {row["SAE"]: row for row in scores.ending_rows(small)}
    assert rows["oracle"]["kept"] == 1
    assert rows["absorbing"]["absorbed"] == pytest.approx(0.4, abs=0.05)
    assert rows["absorbing"]["graded"] == pytest.approx(
        rows["absorbing"]["absorbed"], abs=0.01
    )
    assert rows["half"]["split set holds a child's latent"] == 1


def test_each_metric_is_scored_with_each_choice_of_main_latents(small):
    rows = scores.precision_rows(small)
    assert len(rows) == 2 * 3 * len(METRICS)
    row = next(
        row
        for row in rows
        if (row["main latents"], row["metric"]) == ("true", "SAEBench, full")
    )
    assert row["F1"] == pytest.approx(1, abs=0.01)
    assert row["precision low"] <= row["precision"] <= row["precision high"] <= 1
    assert row["null"] == 0
    assert len(scores.f1_rows(rows)) == 2 * 2 * len(METRICS)


def test_each_definition_of_the_truth_has_a_row(small):
    rows = scores.definition_rows(small)
    assert len(rows) == 2 * 2 * 2 * len(TRUTH_DEFINITIONS)
    assert [row["truth"] for row in rows[:3]] == list(TRUTH_DEFINITIONS)
    assert all(0 <= row["recall low"] <= row["recall high"] <= 1 for row in rows)


def test_graded_metrics_go_with_the_graded_truth(small):
    rows = scores.graded_rows(small)
    assert len(rows) == 2 * 2 * 3
    best = next(row for row in rows if row["metric"] == "SAEBench, fraction 0.6.0")
    assert best["correlation"] > 0.9
    assert best["mean it reads"] == pytest.approx(best["true mean"], abs=0.05)


def test_rates_that_rise_with_the_truth_have_a_rank_correlation_of_one(small):
    rows = scores.tracking_rows(small)
    assert len(rows) == 2 * 2 * len(RULES)
    first = rows[0]
    assert first["rank correlation"] == pytest.approx(1)
    assert -1 <= first["low"] <= first["high"] <= 1
    assert len(scores.rate_points(small)) == len(rows) * 3


def test_false_alarms_are_those_of_the_parents_not_asked_about(small):
    found = scores.false_alarms(small, "best latent")
    assert list(found) == list(RULES)
    assert found["SAEBench, full"] == 0


def test_detectors_are_ranked_against_the_true_rate_of_each_parent(small):
    with pytest.raises(ValueError, match="a mean needs"):
        scores.detector_rows(small)  # one parent: nothing to rank within an SAE


def test_detectors_know_the_order_where_there_are_parents_enough(small):
    def wider(one, scale):
        true = one.true.repeat(3)
        true[1] = 0
        return one._replace(true=true, gap=scale * true, asymmetry=1 - true.repeat(1))

    runs = {"absorbing": [wider(small.tried[PLANTED]["absorbing"][0], 2.0)] * 2}
    rows = scores.detector_rows(small._replace(tried={PLANTED: runs}))
    by_name = {row["detector"]: row for row in rows}
    assert by_name["gap"]["within one SAE (mean)"] == pytest.approx(1)
    assert by_name["gap"]["AUROC for a rate above 0.1"] == 1
    assert by_name["asymmetry"]["rank correlation over all parents"] < 0
