"""The walk from width to width, for planted features."""

from itertools import pairwise

import pytest

from saecore.claims.incompleteness.below.walk import walk
from tests.claims.incompleteness import planted


@pytest.fixture(scope="module")
def found():
    return walk(planted.world())


def test_each_leg_ends_where_the_next_begins(found):
    legs = [leg for (u, v), leg in found.legs.items() if u < v]
    assert len(legs) == 3
    for one, following in pairwise(legs):
        ends = [float(one.curve.l0[-1]), float(one.curve.moving[-1])]
        starts = [float(following.curve.l0[0]), float(following.curve.moving[0])]
        assert ends == pytest.approx(starts)


def test_swaps_of_copies_change_next_to_nothing(found):
    for alone in found.swaps.values():
        assert alone.mean_effect == pytest.approx(0, abs=1e-6)
        assert alone.l0 == 0
    assert found.swaps[8, 16].families == 8
    assert found.swaps[8, 8].families == 6


def test_a_swap_for_latents_that_fire_less_raises_the_error():
    alone = walk(planted.model()).swaps[32, 64]
    assert alone.worse > 0
    assert alone.better == 0


def test_changes_of_l0_add_up_to_the_difference_of_the_two_saes(found):
    for pair, leg in found.legs.items():
        l0, parts = leg.curve.l0, found.l0[pair]
        assert parts["novel"] == pytest.approx(float(l0[leg.novel] - l0[0]))
        assert parts["between"] == pytest.approx(float(l0[-1] - l0[0]))
        total = parts["novel"] + parts["swaps"] - parts["lost"]
        assert total == pytest.approx(parts["between"])
