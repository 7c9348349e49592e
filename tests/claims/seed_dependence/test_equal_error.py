"""Shares compared at equal error: interpolation by hand, a shared trend, no overlap."""

import math

import pytest
import torch

from saecore.claims.seed_dependence.equal_error import AtSetting, at_equal_error


def setting(share: float, fvu: float, spread: float = 0.0) -> AtSetting:
    table = torch.full((3, 3), share, dtype=torch.float64)
    step = spread * torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)
    return AtSetting(table + step[:, None] + step, [fvu] * 3)


SWEEP = {4: setting(0.6, 0.2), 8: setting(0.4, 0.1), 16: setting(0.2, 0.05)}


def test_it_is_linear_in_the_logarithm_between_the_neighbours():
    middle = math.sqrt(0.2 * 0.1)
    found = at_equal_error(setting(0.8, middle), SWEEP, level=0.95)
    assert found is not None
    assert found.between == (4, 8)
    assert found.interpolated == pytest.approx(0.5)
    assert found.difference.estimate == pytest.approx(0.3)
    assert found.fvu == pytest.approx(middle)


def test_at_a_setting_it_is_that_settings_share():
    found = at_equal_error(setting(0.8, 0.1), SWEEP, level=0.95)
    assert found is not None
    assert found.interpolated == pytest.approx(0.4)


def test_what_seeds_have_in_common_leaves_the_interval():
    one = setting(0.8, 0.1, spread=0.05)
    alike = {k: setting(0.6 - k / 40, 0.8 / k, spread=0.05) for k in (4, 8, 16)}
    found = at_equal_error(one, alike, level=0.95)
    assert found is not None
    assert found.difference.high - found.difference.low < 1e-9


def test_outside_the_sweep_nothing_is_compared():
    assert at_equal_error(setting(0.8, 0.5), SWEEP, level=0.95) is None
    assert at_equal_error(setting(0.8, 0.01), SWEEP, level=0.95) is None
