"""The walk from width to width, for planted features."""

import pytest

from saecore.claims.incompleteness.walk import walk
from tests.claims.incompleteness import planted


@pytest.fixture(scope="module")
def found():
    return walk(planted.world())


def test_each_leg_ends_where_the_next_begins_or_one_seed_further(found):
    held = planted.world()
    for (u, v), leg in list(found.legs.items())[:-1]:
        starts = [one.l0 for one in held.seeds("relu", u)]
        ends = [one.l0 for one in held.seeds("relu", v)]
        assert float(leg.curve.l0[0]) in pytest.approx(starts)
        assert any(float(leg.curve.l0[-1]) == pytest.approx(end) for end in ends)


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
