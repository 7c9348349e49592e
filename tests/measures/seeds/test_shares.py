"""Shares over pairs of seeds: closed form, edges, coverage of the interval."""

import pytest
import torch

from saecore.measures.algebra.intervals import over_pairs, share_over_seeds, wilson
from saecore.measures.seeds.shares import inside_unit, share_over_pairs

LEVEL = 0.95


def table_of(shares: list[list[float]]) -> torch.Tensor:
    table = torch.tensor(shares, dtype=torch.float64)
    return table.fill_diagonal_(torch.nan)


def test_the_estimate_and_the_variance_are_the_jackknifes():
    table = table_of([[0, 0.3, 0.4], [0.3, 0, 0.5], [0.4, 0.5, 0]])
    found, plain = (
        share_over_pairs(table, trials=10**6, level=LEVEL),
        over_pairs(table, level=LEVEL),
    )
    assert found.estimate == plain.estimate == pytest.approx(0.4)
    assert found.standard_error == plain.standard_error
    assert 0 < found.low < 0.4 < found.high < 1


def test_an_interval_stays_inside_and_is_never_a_point():
    for share in (0.0, 1.0, 0.5):
        table = table_of([[0.0] * 3] * 3).nan_to_num() + share
        found = share_over_pairs(table, trials=100, level=LEVEL)
        assert 0 <= found.low < found.high <= 1
        assert found.low <= share <= found.high
    scattered = table_of([[0, 0.0, 0.05], [0.0, 0, 0.1], [0.05, 0.1, 0]])
    assert over_pairs(scattered, level=LEVEL).low < 0
    assert share_over_pairs(scattered, trials=500, level=LEVEL).low > 0


def test_without_scatter_it_is_clopper_and_pearsons_of_all_trials():
    from scipy.stats import binomtest

    table = table_of([[0.3] * 4] * 4)
    found = share_over_pairs(table, trials=200, level=LEVEL)
    exact = binomtest(60, 200).proportion_ci(LEVEL, method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert abs(found.low - wilson(60, 200, level=LEVEL).low) < 0.02


def test_it_is_that_over_seeds_where_the_variance_is_the_same():
    shares = [0.2, 0.3, 0.35, 0.4]
    seeds = share_over_seeds(shares, trials=[100] * 4, level=LEVEL)
    mean = over_pairs(table_of([[0.3] * 4] * 4), level=LEVEL)._replace(
        estimate=seeds.estimate, standard_error=seeds.standard_error
    )
    found = inside_unit(mean, trials=400, freedom=3)
    assert (found.low, found.high) == pytest.approx((seeds.low, seeds.high))


def test_it_holds_the_truth_about_as_often_as_it_says():
    generator, hits, truth = torch.Generator().manual_seed(0), 0, 0.2
    for _ in range(200):
        own = truth + 0.05 * torch.randn(5, generator=generator, dtype=torch.float64)
        table = ((own[:, None] + own) / 2).clamp(0, 1)
        found = share_over_pairs(table, trials=10**6, level=LEVEL)
        hits += found.low <= truth <= found.high
    assert 180 <= hits <= 200
