"""Latents that join together, where features are at right angles."""

import pytest

from saecore.claims.incompleteness import together
from tests.claims.incompleteness import planted


@pytest.fixture(scope="module")
def found():
    return together.together(planted.studied())


def test_at_right_angles_effects_add_up(found):
    for one in found.joined.values():
        # features fire in the same rows by chance, which right angles do not mind
        assert one.at_once == pytest.approx(one.sum_of_effects, rel=1e-3)
        assert float(one.greedy[-1]) <= one.at_once + 1e-6


def test_latents_that_join_are_those_of_other_features(found):
    control = found.joined["topk", "control"]
    assert control.helpers == len(control.gains) == 4
    assert len(control.random) == 1 + 4
    assert float(control.random[-1]) == pytest.approx(control.at_once, rel=1e-3)
    wider = found.joined["topk", "from 64"]
    assert wider.helpers == 48
    assert (wider.gains < 0).all()
    assert (wider.gains.diff() >= -1e-9).all()


def test_the_control_is_over_all_pairs_of_seeds(found):
    assert found.control.low <= found.control.estimate <= found.control.high < 0
