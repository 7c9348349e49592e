"""Rates that follow the truth, or do not."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.absorption.against_truth.tracking import tracking


def test_rates_that_follow_the_truth_have_rank_correlation_one():
    true = torch.tensor([[0.1, 0.12, 0.08], [0.2, 0.22, 0.18], [0.4, 0.38, 0.42]])
    found = tracking(3 * true, true, level=0.95)
    assert found.spearman.estimate == pytest.approx(1)
    assert found.pearson == pytest.approx(1)
    assert found.ratio == pytest.approx(3)
    assert found.error == pytest.approx(float(2 * true.mean()), rel=1e-5)
    assert tracking(1 - true, true, level=0.95).spearman.estimate == pytest.approx(-1)


def test_settings_with_a_nan_are_left_out():
    true = torch.rand(5, 3, generator=torch.Generator().manual_seed(1))
    holed = true.clone()
    holed[2, 1] = float("nan")
    assert_close(tracking(holed, true, level=0.95).error, 0.0)
    kept = [0, 1, 3, 4]
    assert tracking(holed * 2, true, level=0.95).error == pytest.approx(
        float(true[kept].mean()), rel=1e-5
    )


def test_too_few_settings_are_refused():
    with pytest.raises(ValueError, match="at least 3"):
        tracking(torch.rand(2, 3), torch.rand(2, 3), level=0.95)
