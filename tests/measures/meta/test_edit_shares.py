"""Ratios of shares as tables whose mean they are."""

import math

import pytest
import torch

from saecore.measures.algebra.intervals import crossed
from saecore.measures.meta.edit_shares import by_own, linearised

NAN = math.nan


def test_pairs_are_averaged_by_whose_row_was_edited():
    own = torch.tensor([0, 0, 2, 2, 3])
    values = torch.tensor([1.0, 0.0, 1.0, NAN, NAN])
    found = by_own(values, own, entities=4)
    torch.testing.assert_close(
        found, torch.tensor([0.5, NAN, 1, NAN]).double(), equal_nan=True
    )


def test_the_mean_of_the_table_is_the_ratio_of_the_means():
    top = torch.tensor([[0.1, 0.2, NAN], [0.3, 0.0, 0.1]]).double()
    bottom = torch.tensor([[0.5, 1.0, 0.7], [0.5, 0.5, NAN]]).double()
    found = linearised(top, bottom)
    assert found is not None
    assert float(found.nanmean()) == pytest.approx((0.6 / 4) / (2.5 / 4))
    assert found.isnan().tolist() == [[False, False, True], [False, False, True]]


def test_a_ceiling_of_zero_has_no_ratio():
    assert linearised(torch.zeros(2, 3), torch.zeros(2, 3)) is None
    assert linearised(torch.full((2, 3), NAN), torch.ones(2, 3)) is None


def test_its_interval_covers_the_ratio_as_often_as_it_says():
    """The delta method against draws with a known ratio of one half."""
    generator, met = torch.Generator().manual_seed(0), 0
    for _ in range(200):
        bottom = (torch.rand(8, 40, generator=generator) < 0.8).double()
        top = bottom * (torch.rand(8, 40, generator=generator) < 0.5)
        table = linearised(top, bottom)
        assert table is not None
        one = crossed(table, level=0.95)
        met += one.low <= 0.5 <= one.high
    assert met >= 180
