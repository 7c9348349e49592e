"""Latents that join together, where features are at right angles."""

import pytest

from saecore.claims.incompleteness import together
from tests.claims.incompleteness import planted


@pytest.fixture(scope="module")
def found():
    return together.together(planted.model())


def test_at_right_angles_effects_add_up(found):
    for one in found.values():
        # features fire in the same rows by chance, which right angles do not mind
        assert one.at_once == pytest.approx(one.sum_of_effects, rel=1e-3)
        assert float(one.greedy[-1]) <= one.at_once + 1e-6


def test_latents_that_join_are_those_of_other_features(found):
    control = found["topk", "control"]
    assert control.helpers == len(control.gains) == 4
    assert len(control.random) == 1 + 4
    assert float(control.random[-1]) == pytest.approx(control.at_once, rel=1e-3)
    wider = found["topk", "from 64"]
    assert wider.helpers == 48
    assert (wider.gains < 0).all()
    assert (wider.gains.diff() >= -1e-9).all()


def test_what_is_lost_together_is_little_at_right_angles(found):
    assert all(abs(one.interaction) < 0.01 for one in found.values())


def test_each_doubling_is_parted_into_what_is_done_alone_and_twice():
    found = together.doublings(planted.model())
    assert list(found) == [
        ("relu", 16, 32),
        ("relu", 32, 64),
        ("relu", 64, 128),
        ("relu", 128, 256),
    ]
    one = found["relu", 16, 32].novel
    assert one.latents == 16
    assert one.alone + one.twice == pytest.approx(one.together)
    assert one.twice == pytest.approx(0, abs=1e-3)
    # copies of what the smaller SAE has, shrunken by a fifth, bring more than lacks
    assert found["relu", 16, 32].others > 0
