"""Intervals against their textbook values and their coverage."""

import math

import pytest
import torch

from saecore.measures.algebra.intervals import (
    bootstrap,
    crossed,
    difference,
    jackknife,
    over_pairs,
    over_seeds,
    share_over_seeds,
    u_statistic_variance,
    wilson,
)

T95 = {1: 12.7062047, 2: 4.30265273, 3: 3.18244631, 4: 2.77644511}
"""Student's quantiles at 0.975 by degrees of freedom, as tables have them."""


def test_students_interval_is_the_textbook_one():
    found = over_seeds([1.0, 2.0, 4.0], level=0.95)
    mean, error = 7 / 3, math.sqrt(7 / 3 / 3)  # the variance of 1, 2, 4 is 7/3
    half = T95[2] * error
    assert tuple(found) == pytest.approx((mean, mean - half, mean + half, error, 0.95))
    assert found.triple == (found.estimate, found.low, found.high)
    two = over_seeds([0.0, 2.0], level=0.95)
    assert (two.low, two.high) == pytest.approx((1 - T95[1], 1 + T95[1]))


def test_the_jackknife_is_the_textbook_one():
    # the statistic a + b + c of three leaves out 5, 3, 2: mean 10/3, squares 14/3
    found = jackknife(
        lambda kept: float(sum([2, 4, 5][k] for k in kept) - 1), 3, level=0.95
    )
    error = math.sqrt(2 / 3 * 14 / 3)
    half = T95[2] * error
    assert tuple(found) == pytest.approx((10, 10 - half, 10 + half, error, 0.95))
    with pytest.raises(ValueError, match="needs at least 3 seeds, got 2"):
        jackknife(lambda kept: 0.0, 2, level=0.95)


def table_of_pairs() -> torch.Tensor:
    """Four seeds: pairs 1, 2, 3, 5, 8, 13, each in both orders."""
    values = torch.full((4, 4), 99.0)
    upper = torch.ones(4, 4, dtype=torch.bool).triu(1)
    values[upper] = torch.tensor([1.0, 2.0, 3.0, 5.0, 8.0, 13.0])
    return torch.where(upper.T, values.T, values)


def test_the_interval_over_pairs_is_arvesens():
    left_out = [26 / 3, 18 / 3, 12 / 3, 8 / 3]  # what is left of 32 without a seed
    middle = sum(left_out) / 4
    error = math.sqrt(3 / 4 * sum((one - middle) ** 2 for one in left_out))
    half, mean = T95[3] * error, 32 / 6
    expected = (mean, mean - half, mean + half, error, 0.95)
    assert tuple(over_pairs(table_of_pairs(), level=0.95)) == pytest.approx(expected)


def test_the_two_orders_of_a_pair_are_averaged_and_a_missing_one_is_left_out():
    values = table_of_pairs()
    skewed = values.clone()
    skewed[0, 1], skewed[1, 0] = 0.5, 1.5
    found = over_pairs(skewed, level=0.95)
    assert tuple(found) == pytest.approx(tuple(over_pairs(values, level=0.95)))
    values[0, 1] = values[1, 0] = torch.nan
    left_out = [26 / 3, 18 / 3, 11 / 2, 7 / 2]
    middle = sum(left_out) / 4
    error = math.sqrt(3 / 4 * sum((one - middle) ** 2 for one in left_out))
    found = over_pairs(values, level=0.95)
    assert (found.estimate, found.standard_error) == pytest.approx((31 / 5, error))


def test_three_seeds_are_enough_for_pairs():
    assert over_pairs(table_of_pairs()[:3, :3], level=0.95).estimate == pytest.approx(
        8 / 3
    )


def test_a_difference_is_the_jackknife_of_both_at_once():
    a, b = table_of_pairs(), torch.zeros(4, 4)
    b[0, 1] = b[1, 0] = 6.0
    found = difference(a, b, level=0.95)
    left_out = [26 / 3, 18 / 3, 12 / 3 - 2, 8 / 3 - 2]
    middle = sum(left_out) / 4
    error = math.sqrt(3 / 4 * sum((one - middle) ** 2 for one in left_out))
    half, mean = T95[3] * error, 32 / 6 - 1
    expected = (mean, mean - half, mean + half, error, 0.95)
    assert tuple(found) == pytest.approx(expected)


def test_the_variance_of_a_u_statistic_is_hoeffdings():
    assert u_statistic_variance(5, 2.0, 7.0) == pytest.approx(2 / 20 * (2 * 3 * 2 + 7))


def test_the_bootstrap_is_the_quantiles_of_its_draws():
    values, size = torch.tensor([0.0, 1.0, 5.0, 7.0]), 4
    generator = torch.Generator().manual_seed(3)
    means = [
        values[torch.randint(size, (size,), generator=generator)].double().mean()
        for _ in range(40)
    ]
    drawn = torch.stack(means)
    generator.manual_seed(3)
    found = bootstrap(values, generator=generator, draws=40, level=0.8)
    low, high = torch.quantile(drawn, torch.tensor([0.1, 0.9], dtype=torch.float64))
    expected = (3.25, float(low), float(high), float(drawn.std()), 0.8)
    assert tuple(found) == pytest.approx(expected)
    generator.manual_seed(3)
    usual = bootstrap(values, generator=generator, level=0.8)
    generator.manual_seed(3)
    assert usual == bootstrap(values, generator=generator, draws=1000, level=0.8)


def test_wilsons_interval_is_the_closed_form():
    z, n, share = 1.95996398, 20, 7 / 20
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n * n))
    found = wilson(7, 20, level=0.95)
    assert tuple(found)[:3] == pytest.approx((share, centre - half, centre + half))
    assert math.isnan(found.standard_error)
    assert found.level == 0.95
    assert wilson(1, 1, level=0.95).estimate == 1
    for wrong in ((-1, 4), (5, 4)):
        with pytest.raises(ValueError, match="between 0 and the trials"):
            wilson(*wrong, level=0.95)


def clopper_pearson(hits: float, size: float, level: float) -> tuple[float, float]:
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = beta.ppf(tail, hits, size - hits + 1)
    return float(low), float(beta.ppf(1 - tail, hits + 1, size - hits))


@pytest.mark.parametrize("trials", [None, [40, 40, 40], [2, 2, 3]])
def test_a_share_over_seeds_is_korn_and_graubards(trials):
    shares, mean = [0.1, 0.3, 0.5], 0.3
    error = math.sqrt(0.04 / 3)
    cautious = (1.95996398 / T95[2]) ** 2
    size = mean * (1 - mean) / error**2 * cautious
    size = size if trials is None else min(size, sum(trials))
    found = share_over_seeds(shares, trials=trials, level=0.95)
    low, high = clopper_pearson(mean * size, size, 0.95)
    expected = (mean, min(low, mean), max(high, mean), error, 0.95)
    assert tuple(found) == pytest.approx(expected)


def test_the_ends_of_a_share_over_seeds_contain_it_at_the_edges():
    for edge in (0.0, 1.0):
        found = share_over_seeds([edge, edge], trials=[5, 5], level=0.95)
        assert found.standard_error == 0
        assert (found.low, found.high) == pytest.approx(
            (0, 1 - 0.025**0.1) if edge == 0 else (0.025**0.1, 1)
        )
    wide = share_over_seeds([0.0, 1e-3], level=0.95)
    assert wide.low <= wide.estimate <= wide.high
    steep = share_over_seeds([0.999, 1.0], level=0.95)
    assert steep.low <= steep.estimate <= steep.high
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        share_over_seeds([-0.1, 0.2], level=0.95)


def test_a_crossed_interval_is_cameron_gelbach_and_millers():
    table = torch.tensor([[1.0, 2.0, 6.0], [3.0, 4.0, 5.0]])
    rest = table - 3.5
    seeds = float(rest.sum(1).square().sum()) / 36 * 2
    units = float(rest.sum(0).square().sum()) / 36 * 3 / 2
    cells = float(rest.square().sum()) / 36 * 6 / 5
    error = math.sqrt(max(seeds + units - cells, seeds, units))
    assert seeds + units - cells < units  # the larger of the two alone
    half = T95[1] * error
    found = crossed(table, level=0.95)
    expected = (3.5, 3.5 - half, 3.5 + half, error, 0.95)
    assert tuple(found) == pytest.approx(expected)


def test_a_crossed_interval_adds_what_seeds_and_units_vary_by():
    table = torch.tensor([[0.0, 2.0, 4.0], [3.0, 5.0, 7.0], [6.0, 8.0, 10.0]])
    rest = table - 5
    seeds = float(rest.sum(1).square().sum()) / 81 * 3 / 2
    units = float(rest.sum(0).square().sum()) / 81 * 3 / 2
    cells = float(rest.square().sum()) / 81 * 9 / 8
    error = math.sqrt(seeds + units - cells)
    assert error**2 > max(seeds, units)
    found = crossed(table, level=0.95)
    assert found.standard_error == pytest.approx(error)
    assert found.high - 5 == pytest.approx(T95[2] * error)
    with pytest.raises(ValueError, match=r"got \(2, 1\)"):
        crossed(table[:2, :1], level=0.95)


def pairs(
    seeds: int, of_seed: float, of_pair: float, generator: torch.Generator
) -> torch.Tensor:
    """h(s, t) = 5 + g_s + g_t + e_st with known variances."""
    g = of_seed**0.5 * torch.randn(seeds, generator=generator, dtype=torch.float64)
    e = of_pair**0.5 * torch.randn(
        seeds, seeds, generator=generator, dtype=torch.float64
    )
    e = e.triu(1) + e.triu(1).T
    return 5 + g[:, None] + g + e


def test_the_mean_over_pairs_has_the_variance_of_a_u_statistic():
    generator = torch.Generator().manual_seed(0)
    off = ~torch.eye(6, dtype=torch.bool)
    means = torch.stack(
        [pairs(6, 1.0, 0.5, generator)[off].mean() for _ in range(8000)]
    )
    assert float(means.var()) == pytest.approx(
        u_statistic_variance(6, 1.0, 2.5), rel=0.06
    )


def test_the_jackknife_estimates_that_variance_without_bias_when_seeds_add_up():
    generator = torch.Generator().manual_seed(1)
    squares = [
        over_pairs(pairs(7, 1.0, 0.0, generator), level=0.95).standard_error ** 2
        for _ in range(1000)
    ]
    assert sum(squares) / 1000 == pytest.approx(
        u_statistic_variance(7, 1.0, 2.0), rel=0.06
    )


@pytest.mark.parametrize(("of_pair", "at_most"), [(0.0, 0.97), (0.5, 0.985)])
def test_the_interval_over_pairs_covers_the_truth_19_times_out_of_20(of_pair, at_most):
    # noise of single pairs makes the jackknife a little too long, never too short
    generator = torch.Generator().manual_seed(2)
    found = [
        over_pairs(pairs(9, 1.0, of_pair, generator), level=0.95) for _ in range(1000)
    ]
    coverage = sum(x.low < 5 < x.high for x in found) / 1000
    assert 0.935 < coverage < at_most


def test_taking_pairs_for_independent_would_cover_far_too_little():
    generator = torch.Generator().manual_seed(3)
    upper = torch.ones(9, 9, dtype=torch.bool).triu(1)
    naive = [
        over_seeds(pairs(9, 1.0, 0.0, generator)[upper].tolist(), level=0.95)
        for _ in range(1000)
    ]
    assert sum(x.low < 5 < x.high for x in naive) / 1000 < 0.85


def test_pairs_that_are_missing_are_left_out():
    values = pairs(5, 1.0, 0.1, torch.Generator().manual_seed(4))
    whole = over_pairs(values, level=0.95)
    values.fill_diagonal_(torch.nan)
    assert over_pairs(values, level=0.95) == whole
    values[0, 1] = values[1, 0] = torch.nan
    off = values[~values.isnan()]
    assert over_pairs(values, level=0.95).estimate == pytest.approx(float(off.mean()))


def test_the_jackknife_of_a_mean_is_students_interval():
    values = torch.randn(
        8, generator=torch.Generator().manual_seed(5), dtype=torch.float64
    )
    one, other = (
        jackknife(lambda kept: float(values[kept].mean()), 8, level=0.95),
        over_seeds(values.tolist(), level=0.95),
    )
    assert tuple(one) == pytest.approx(tuple(other))
    assert one.high - one.low == pytest.approx(
        2 * 2.364624 * float(values.std()) / 8**0.5
    )


def test_the_bootstrap_of_a_mean_is_near_the_central_limit():
    values = torch.randn(400, generator=torch.Generator().manual_seed(6))
    found = bootstrap(values, generator=torch.Generator().manual_seed(7), level=0.95)
    assert found.estimate == pytest.approx(float(values.double().mean()), abs=1e-6)
    assert found.standard_error == pytest.approx(float(values.std()) / 20, rel=0.1)
    assert found.high - found.low == pytest.approx(3.92 * found.standard_error, rel=0.1)
    assert found == bootstrap(
        values, generator=torch.Generator().manual_seed(7), level=0.95
    )


def test_the_bootstrap_takes_flags_and_other_statistics():
    flags = torch.arange(100) < 30
    share = bootstrap(flags, generator=torch.Generator().manual_seed(8), level=0.95)
    assert share.low < share.estimate < share.high
    assert share.estimate == pytest.approx(0.3)
    largest = bootstrap(
        torch.arange(50.0),
        generator=torch.Generator().manual_seed(9),
        statistic=torch.max,
        level=0.95,
    )
    assert largest.high == largest.estimate == 49


def test_wilsons_interval_is_the_published_one():
    found = wilson(7, 20, level=0.95)
    assert (found.low, found.high) == pytest.approx((0.1812, 0.5671), abs=1e-4)
    none, every = wilson(0, 10, level=0.95), wilson(10, 10, level=0.95)
    assert (none.low, every.high) == pytest.approx((0, 1))
    assert none.high == pytest.approx(0.2775, abs=1e-4)
    assert every.low == pytest.approx(1 - none.high)


def test_a_share_of_nothing_is_unknown():
    found = wilson(0, 0, level=0.95)
    assert math.isnan(found.estimate)
    assert (found.low, found.high) == (0, 1)


def test_too_few_units_are_refused():
    with pytest.raises(ValueError, match="at least 3 seeds, got 2"):
        over_pairs(torch.zeros(2, 2), level=0.95)
    with pytest.raises(ValueError, match="at least 2 seeds, got 1"):
        over_seeds([1.0], level=0.95)
    assert share_over_seeds([0.1, 0.3], level=0.95).estimate == pytest.approx(0.2)
    with pytest.raises(ValueError, match="got 5 of 4"):
        wilson(5, 4, level=0.95)
    with pytest.raises(ValueError, match="at least one value"):
        bootstrap(torch.zeros(0), generator=torch.Generator(), level=0.95)


def test_a_difference_cancels_what_two_settings_have_in_common():
    generator = torch.Generator().manual_seed(5)
    seed = torch.randn(6, generator=generator, dtype=torch.float64)
    common = seed[:, None] + seed[None]
    noise = 0.01 * torch.randn(6, 6, generator=generator, dtype=torch.float64)
    found = difference(common + 0.3, common + noise + noise.T, level=0.95)
    assert abs(found.estimate - 0.3) < 0.02
    assert found.high - found.low < 0.1 * (
        over_pairs(common, level=0.95).high - over_pairs(common, level=0.95).low
    )


def test_a_difference_needs_the_same_seeds_on_both_sides():
    with pytest.raises(ValueError, match="same seeds"):
        difference(torch.zeros(3, 3), torch.zeros(4, 4), level=0.95)


def test_a_share_over_seeds_stays_inside_and_is_never_a_point():
    none = share_over_seeds([0.0] * 5, trials=[20] * 5, level=0.95)
    assert (none.estimate, none.low) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 100))
    every = share_over_seeds([1.0] * 3, level=0.95)
    assert (every.low, every.high) == (pytest.approx(0.025 ** (1 / 3)), 1)
    near = share_over_seeds([0.97, 0.99, 1.0], level=0.95)
    assert 0 < near.low < near.estimate < near.high < 1
    student = over_seeds([0.97, 0.99, 1.0], level=0.95)
    assert student.high > 1


def test_equal_shares_of_counts_get_the_exact_binomial_interval():
    from scipy.stats import binomtest

    found = share_over_seeds([0.3, 0.3], trials=[50, 50], level=0.9)
    exact = binomtest(30, 100).proportion_ci(0.9, method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))


def test_a_share_over_seeds_covers_its_truth():
    generator = torch.Generator().manual_seed(11)
    hits = 0
    for _ in range(400):
        own = (0.2 + 0.05 * torch.randn(5, generator=generator)).clamp(0, 1)
        found = share_over_seeds(own.tolist(), level=0.95)
        hits += found.low <= 0.2 <= found.high
    assert hits / 400 > 0.93


def test_shares_outside_the_unit_interval_or_of_one_seed_are_refused():
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        share_over_seeds([0.2, 1.2], level=0.95)
    with pytest.raises(ValueError, match="at least 2 seeds, got 1"):
        share_over_seeds([0.2], level=0.95)


def test_a_crossed_interval_covers_where_one_over_seeds_alone_does_not():
    generator = torch.Generator().manual_seed(12)
    both = alone = 0
    for _ in range(300):
        units = torch.randn(30, generator=generator)
        seeds = 0.1 * torch.randn(6, generator=generator)
        table = units + seeds[:, None] + 0.1 * torch.randn(6, 30, generator=generator)
        found, short = (
            crossed(table, level=0.95),
            over_seeds(table.mean(1).tolist(), level=0.95),
        )
        both += found.low <= 0 <= found.high
        alone += short.low <= 0 <= short.high
    assert both / 300 > 0.93
    assert alone / 300 < 0.6


def test_a_crossed_interval_is_the_closed_form_and_skips_what_is_missing():
    table = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = crossed(table, level=0.95)
    assert found.estimate == 3.5
    assert found.standard_error == pytest.approx(math.sqrt(16 / 36 * 2 * 3 / 2))
    holed = table.clone()
    holed[0, 0] = math.nan
    assert crossed(holed, level=0.95).estimate == pytest.approx(4.0)
    with pytest.raises(ValueError, match=r"got \(1, 2\)"):
        crossed(table[:1], level=0.95)


def test_a_crossed_interval_leaves_missing_cells_out_of_every_variance():
    table = torch.tensor([[1.0, 2.0, math.nan], [3.0, math.nan, 7.0], [4.0, 6.0, 9.0]])
    cells = {
        (0, 0): 1,
        (0, 1): 2,
        (1, 0): 3,
        (1, 2): 7,
        (2, 0): 4,
        (2, 1): 6,
        (2, 2): 9,
    }
    mean = sum(cells.values()) / 7

    def variance(groups):
        sums = [sum(cells[one] - mean for one in group) for group in groups]
        return sum(x * x for x in sums) / 7**2 * len(sums) / (len(sums) - 1)

    seeds, units = (
        variance([[c for c in cells if c[axis] == n] for n in range(3)])
        for axis in (0, 1)
    )
    alone = variance([[one] for one in cells])
    found = crossed(table, level=0.95)
    assert found.estimate == pytest.approx(mean)
    expected = max(seeds + units - alone, seeds, units)
    assert found.standard_error == pytest.approx(math.sqrt(expected))
