"""Groups of rows, numbers without each of them, and intervals over both ways."""

import math

import pytest
import torch
from scipy.stats import t

from saecore.measures.algebra.intervals import Interval, difference, over_pairs
from saecore.measures.stitching.row_groups import (
    as_share,
    groups_of,
    over_seeds_and_rows,
    views,
)
from tests.measures.stitching.test_insertion import normal


def test_groups_are_whole_texts_and_cover_all_rows():
    parts = groups_of(103, groups=4, together=10)
    assert [part.start % 10 for part in parts] == [0] * 4
    assert [row for part in parts for row in range(103)[part]] == list(range(103))
    assert {part.stop - part.start for part in parts} <= {20, 23, 30}


def test_more_groups_than_texts_are_refused():
    with pytest.raises(ValueError, match="fewer groups"):
        groups_of(30, groups=4, together=10)


def test_a_view_leaves_one_group_out():
    sums = torch.tensor([[1.0, 10], [2, 20], [4, 40]])
    assert views(sums).tolist() == [[7, 70], [6, 60], [5, 50], [3, 30]]
    assert views(sums[:1]).tolist() == [[1, 10]]


def tables_of(seed_part: torch.Tensor, group_part: torch.Tensor) -> torch.Tensor:
    """A number that is the mean of the two seeds' parts plus that of the groups."""
    pairs = (seed_part[:, None] + seed_part) / 2
    means = views(group_part[:, None])[:, 0] / torch.tensor(
        [len(group_part)] + [len(group_part) - 1] * len(group_part)
    )
    out = pairs + means[:, None, None]
    out[:, range(len(pairs)), range(len(pairs))] = torch.nan
    return out


def test_both_variances_are_the_closed_forms_of_a_mean():
    seeds, groups = normal(5), normal(8, seed=1)
    found = over_seeds_and_rows(tables_of(seeds, groups), level=0.9)
    assert found.estimate == pytest.approx(float(seeds.mean() + groups.mean()))
    variance = float(seeds.var() / 5 + groups.var() / 8)
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    half = float(t.ppf(0.95, 4)) * math.sqrt(variance)
    assert found.high - found.estimate == pytest.approx(half)


def test_without_groups_it_is_the_interval_over_pairs():
    table = normal(1, 4, 4)
    found = over_seeds_and_rows(table, level=0.95)
    assert found == over_pairs(table[0], level=0.95)


def test_a_difference_of_tables_is_the_paired_difference():
    a, b = normal(4, 4), normal(4, 4, seed=1)
    for one in (a, b):
        one.fill_diagonal_(torch.nan)
    found = over_seeds_and_rows((a - b)[None], level=0.95)
    expected = difference(a, b, level=0.95)
    assert found.triple == pytest.approx(expected.triple)


def test_a_share_of_nothing_in_n_has_the_exact_upper_end():
    point = Interval(0.0, 0.0, 0.0, 0.0, 0.95)
    found = as_share(point, units=40, freedom=2, trials=40)
    assert found.triple == pytest.approx((0, 0, 1 - 0.025 ** (1 / 40)))
    one = as_share(point._replace(estimate=1.0), units=40, freedom=2, trials=40)
    assert one.triple == pytest.approx((1, 0.025 ** (1 / 40), 1))


def test_a_share_stays_inside_and_widens_with_its_error():
    narrow, wide = (
        as_share(Interval(0.97, 0, 0, error, 0.95), units=99, freedom=2, trials=99)
        for error in (0.001, 0.1)
    )
    for one in (narrow, wide):
        assert 0 <= one.low < 0.97 < one.high <= 1
    assert wide.high - wide.low > narrow.high - narrow.low
