"""One set for all pairs: where a curve comes to its goal, and its interval."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing import one_set
from saecore.measures.editing.one_set import SetDivergences
from saecore.measures.editing.patching import first_order_gain, nested
from tests.measures.editing.test_acdc import toy

COUNTS = torch.tensor([0, 2, 6])


def test_a_goal_between_two_sets_is_read_on_a_straight_line():
    curve = torch.tensor([[8.0, 6.0, 2.0], [8.0, 3.0, 1.0], [8.0, 7.0, 6.0]]).double()
    found = one_set.halfway(COUNTS, curve, torch.full((3,), 4.0).double(), whole=9)
    assert_close(found, torch.tensor([4.0, 1.6, 9.0]).double())


def test_divergences_are_those_of_the_nested_sets():
    case = toy(density=0.5)
    gradient = torch.randn_like(case.pair.base)
    found = one_set.set_divergences(case.pair, case.divergences, gradient, [3, 7, 99])
    sets = nested(case.pair, first_order_gain(case.pair, gradient), [3, 7, 99])
    assert found.counts.tolist() == [int(one.sum()) for one in sets]
    everyone = case.pair.prompts()
    expected = [case.divergences(case.pair.patched(one), everyone) for one in sets]
    assert_close(found.each, torch.stack(expected, 1))


def linear(slopes, noise=0.0, seed=0):
    """Divergences that fall by `slopes` per latent, from 1."""
    draw = torch.Generator().manual_seed(seed)
    counts = torch.arange(0, 30, 2)
    each = 1 - torch.as_tensor(slopes)[:, None] * counts
    return SetDivergences(
        counts, each + noise * torch.randn(each.shape, generator=draw).double()
    )


def counted(saes, bases, level=0.95):
    draw = torch.Generator().manual_seed(0)
    return one_set.one_set(
        saes, bases, share=0.5, whole=160, level=level, generator=draw
    )


def test_planted_counts_are_found_and_the_best_basis_is_named():
    flat = torch.full((20,), 0.05, dtype=torch.float64)
    bases = {"steep": linear(flat), "slow": linear(flat / 2)}
    found = counted([linear(flat * 2)] * 3, bases)
    assert (found.saes.estimate, found.basis.estimate) == pytest.approx((5, 10))
    assert (found.saved.estimate, found.best) == (pytest.approx(5), "steep")
    assert found.saved.low == pytest.approx(5)


def test_pairs_that_differ_widen_the_interval_and_the_level_narrows_it():
    draw = torch.Generator().manual_seed(2)
    uneven = 0.05 + 0.04 * torch.rand(20, generator=draw, dtype=torch.float64)
    found = counted([linear(uneven)], {"basis": linear(uneven)})
    assert found.saes.low < found.saes.estimate < found.saes.high
    assert found.saved.triple == (0, 0, 0)  # the same pairs for both
    narrow = counted([linear(uneven)], {"basis": linear(uneven)}, level=0.5)
    assert found.saes.low < narrow.saes.low < narrow.saes.high < found.saes.high
