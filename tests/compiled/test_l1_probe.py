"""One L1 probe: its optimum by hand, by its conditions, and from wherever it starts."""

import numpy as np
import pytest
from scipy.sparse import csc_array

from saecore.compiled.l1_probe import EXACT, solve_probe


def case(rows=600, width=40):
    """Sparse columns, and a label that three of them have to do with."""
    draw = np.random.default_rng(0)
    x = np.maximum(draw.normal(size=(rows, width)) - 1.0, 0)
    y = x[:, :3].sum(1) + 0.2 * draw.normal(size=rows) > 0.5
    return x, y.astype(float), np.full(rows, 1 / rows)


def solved(x, y, importance, penalty, weight, bias=0.0):
    columns = csc_array(x)
    entries = columns.indptr, columns.indices, columns.data
    return solve_probe(*entries, y, importance, penalty, weight, bias)


def test_below_a_large_penalty_the_bias_alone_is_the_log_odds():
    x, y, importance = case()
    weight = np.zeros(40)
    bias = solved(x, y, importance, 5.0, weight)
    assert not weight.any()
    assert bias == pytest.approx(np.log(y.mean() / (1 - y.mean())), abs=0.05)


def test_one_column_of_zeros_and_ones_is_two_log_odds():
    x = np.repeat([0.0, 1.0], 100)[:, None]
    y = np.concatenate([np.arange(100) < 20, np.arange(100) < 70]).astype(float)
    weight = np.zeros(1)
    bias = solved(x, y, np.full(200, 1 / 200), 1e-6, weight)
    assert bias == pytest.approx(np.log(0.2 / 0.8), abs=1e-3)
    assert bias + weight[0] == pytest.approx(np.log(0.7 / 0.3), abs=1e-3)


@pytest.mark.parametrize("penalty", [0.002, 0.02])
def test_the_conditions_of_the_optimum_hold(penalty):
    x, y, importance = case()
    weight = np.zeros(40)
    bias = solved(x, y, importance, penalty, weight)
    p = 1 / (1 + np.exp(-(x @ weight + bias)))
    slope = x.T @ (importance * (p - y))
    assert weight.any()
    assert abs((importance * (p - y)).sum()) <= EXACT * penalty * 1.01
    assert np.abs(slope[weight == 0]).max() <= penalty * (1 + EXACT * 1.01)
    used = weight != 0
    missed = slope[used] + penalty * np.sign(weight[used])
    assert np.abs(missed).max() <= EXACT * penalty * 1.01


@pytest.mark.parametrize("start", [1.0, 30.0, -30.0])
def test_a_start_far_from_the_optimum_ends_there_too(start):
    x, y, importance = case()
    weight, other = np.zeros(40), np.full(40, start)
    bias = solved(x, y, importance, 0.01, weight)
    assert solved(x, y, importance, 0.01, other, -start) == pytest.approx(
        bias, abs=0.02
    )
    np.testing.assert_allclose(other, weight, atol=0.02)


def test_a_row_that_does_not_count_changes_nothing():
    x, y, importance = case()
    importance[::2] = 0
    weight, other = np.zeros(40), np.zeros(40)
    bias = solved(x, y, importance, 0.005, weight)
    y[::2], x[::2] = 1 - y[::2], 9.0
    assert solved(x, y, importance, 0.005, other) == pytest.approx(bias, abs=0.01)
    np.testing.assert_allclose(other, weight, atol=0.01)
