"""Decisions whose precision and recall can be counted by hand."""

import math

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.absorption.against_truth.metric_scores import (
    check_decisions,
    checks_over_seeds,
    correlations,
    grade,
    laid_on,
    pooled,
    rank,
)
from saecore.measures.absorption.true_cases import true_cases
from saecore.measures.absorption.true_outcomes import Outcomes, outcomes
from saecore.sparse import sparse

YES = torch.tensor([1, 1, 1, 0, 0, 0, 0, 0], dtype=torch.bool)  # what is true
SAID = torch.tensor([1, 1, 0, 1, 1, 1, 0, 0], dtype=torch.bool)


def test_counts_by_hand():
    found = check_decisions(SAID, YES)
    assert found.precision == pytest.approx(2 / 5)
    assert found.recall == pytest.approx(2 / 3)
    assert found.base == pytest.approx(3 / 8)
    assert found.read == pytest.approx(5 / 8)
    assert found.false_alarms == pytest.approx(3 / 5)
    assert found.n == 8


def test_only_counted_cases_count():
    counted = torch.tensor([1, 0, 1, 1, 0, 0, 1, 1], dtype=torch.bool)
    found = check_decisions(SAID, YES, counted)
    assert (found.precision, found.recall, found.n) == (0.5, 0.5, 5)


def test_the_truth_itself_is_right_in_everything_and_its_opposite_in_nothing():
    same, opposite = check_decisions(YES, YES), check_decisions(~YES, YES)
    assert (same.precision, same.recall, same.false_alarms) == (1, 1, 0)
    assert (opposite.precision, opposite.recall, opposite.false_alarms) == (0, 0, 1)


def test_decisions_by_lot_have_the_base_rate_as_precision():
    generator = torch.Generator().manual_seed(0)
    truth = torch.rand(40_000, generator=generator) < 0.2
    lot = torch.rand(40_000, generator=generator) < 0.3
    found = check_decisions(lot, truth)
    assert found.precision == pytest.approx(0.2, abs=0.015)
    assert found.recall == pytest.approx(0.3, abs=0.02)
    ranked = rank(torch.rand(40_000, generator=generator), truth)
    assert ranked.auroc == pytest.approx(0.5, abs=0.015)
    assert ranked.average_precision == pytest.approx(0.2, abs=0.015)


def test_what_cannot_be_said_is_nan():
    nothing = torch.zeros(8, dtype=torch.bool)
    assert math.isnan(check_decisions(nothing, YES).precision)
    assert check_decisions(nothing, YES).recall == 0
    assert math.isnan(check_decisions(SAID, nothing).recall)
    assert math.isnan(rank(torch.rand(8), nothing).auroc)
    assert math.isnan(rank(torch.rand(8), ~nothing).auroc)
    assert math.isnan(check_decisions(SAID, YES, nothing).base)


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    score = torch.tensor([3.0, 1.0, 2.0, 2.0, 0.0, 0.0, 5.0, 1.0])
    pairs = (score[YES][:, None] > score[~YES]).double() + (
        score[YES][:, None] == score[~YES]
    ).double() / 2
    assert rank(score, YES).auroc == pytest.approx(float(pairs.mean()))


def test_grades_by_hand():
    share = torch.tensor([0.0, 0.25, 0.5, 1.0])
    found = grade(2 * share + 1, share)
    assert found.pearson == pytest.approx(1)
    assert found.spearman == pytest.approx(1)
    assert (found.read, found.true) == (pytest.approx(1.875), pytest.approx(0.4375))
    bent = grade(share**3, share)
    assert bent.spearman == pytest.approx(1)
    assert bent.pearson < 0.99
    assert math.isnan(grade(torch.ones(4), share).pearson)
    assert correlations(share, share.flip(0))[1] == pytest.approx(-1)


# Laid on the cases of the truth


def simple() -> Outcomes:
    truth = torch.tensor(
        [
            [1.0, 1.0, 0.0],
            [1.0, 0.0, 1.0],
            [0.0, 0.0, 1.0],
            [1.0, 0.0, 0.0],
            [1.0, 1.0, 0.0],
        ]
    )
    parent = torch.tensor([-1, 0, -1])
    directions = torch.eye(3)
    return outcomes(sparse(truth), directions, true_cases(truth, directions, parent))


def test_cases_that_a_metric_did_not_look_at_count_as_not_decided():
    found = simple()
    assert found.row.tolist() == [0, 1, 3, 4]
    row = torch.tensor([4, 1])
    value = laid_on(
        found, row, torch.zeros(2, dtype=torch.int64), torch.tensor([0.5, 0.25])
    )
    assert value.tolist() == [0, 0.25, 0, 0.5]
    none = laid_on(found, row[:0], row[:0], torch.zeros(0, dtype=torch.bool))
    assert none.dtype == torch.bool
    assert not none.any()


def test_a_metric_that_is_asked_about_rows_without_the_parent_is_refused():
    with pytest.raises(ValueError, match="parent is active"):
        laid_on(simple(), torch.tensor([2]), torch.tensor([0]), torch.ones(1))


# Over seeds and settings


def test_pooled_checks_are_the_check_of_all_cases_together():
    parts = [check_decisions(SAID[:3], YES[:3]), check_decisions(SAID[3:], YES[3:])]
    assert pooled(parts) == check_decisions(SAID, YES)
    with pytest.raises(ValueError, match="at least one"):
        pooled([])


def test_a_summary_is_the_mean_over_seeds_with_its_interval():
    checks = [
        check_decisions(SAID, YES),
        check_decisions(YES, YES),
        check_decisions(~YES, YES),
    ]
    found = checks_over_seeds(checks, level=0.95)
    assert found.precision.estimate == pytest.approx((0.4 + 1 + 0) / 3)
    assert 0 <= found.precision.low < found.precision.estimate
    assert found.precision.estimate < found.precision.high <= 1
    assert found.f1.estimate == pytest.approx((0.5 + 1 + 0) / 3)
    assert found.seeds == 3


def test_seeds_that_agree_leave_an_interval_by_the_number_of_cases():
    found = checks_over_seeds([check_decisions(YES, YES)] * 3, level=0.95)
    exact = 0.025 ** (1 / 9)  # three seeds with three decided cases each
    assert found.precision.triple == pytest.approx((1, exact, 1))


def test_seeds_without_decisions_are_left_out_of_the_precision():
    nothing = torch.zeros(8, dtype=torch.bool)
    found = checks_over_seeds(
        [
            check_decisions(nothing, YES),
            check_decisions(SAID, YES),
            check_decisions(nothing, YES),
        ],
        level=0.95,
    )
    assert found.precision.estimate == pytest.approx(0.4)
    assert math.isnan(found.precision.low)
    assert found.recall.estimate == pytest.approx(2 / 9)


# Bad input


def test_what_does_not_fit_is_refused():
    with pytest.raises((ValueError, TypeCheckError), match="case"):
        check_decisions(SAID[:-1], YES)
    with pytest.raises((ValueError, TypeCheckError), match="case"):
        grade(torch.rand(3), torch.rand(4))
    with pytest.raises(ValueError, match="finite"):
        rank(torch.full((8,), float("nan")), YES)
    with pytest.raises(ValueError, match="at least 2 seeds"):
        checks_over_seeds([check_decisions(SAID, YES)], level=0.95)
