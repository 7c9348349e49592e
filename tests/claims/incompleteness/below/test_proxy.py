"""The cosine as a sign of a lower error, for planted features."""

import pytest

from saecore.claims.incompleteness.below.proxy import proxies
from tests.claims.incompleteness import planted


@pytest.fixture(scope="module")
def found():
    return proxies(planted.world())


def test_each_pair_stands_beside_its_control(found):
    assert set(found) >= {("relu", 8, 32), ("relu", 8, 8), ("topk", 8, 8)}


def test_planted_features_are_told_without_a_mistake(found):
    one = found["relu", 8, 32]
    assert one.roc.base == pytest.approx(3 / 4)
    assert one.auc == one.auc_of_four == 1
    assert one.at_rule.accuracy == 1
    assert one.fitted.accuracy == 1
    assert one.fitted.base < 1


def test_too_few_novel_latents_tell_nothing(found):
    one = found["relu", 8, 8]
    assert one.roc.base == pytest.approx(1 / 4)
    assert (one.auc, one.auc_of_four, one.fitted) == (None, None, None)
