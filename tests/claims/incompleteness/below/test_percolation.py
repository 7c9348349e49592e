"""Families of SAEs that share planted features."""

from saecore.claims.incompleteness.below.percolation import COSINES, grown
from tests.claims.incompleteness import planted


def test_families_are_pairs_of_the_same_feature():
    found = grown(planted.model())
    assert len(found) == 3
    one = found["16 and 64"]
    assert one.at_rule.kinds == {(1, 1): 16}
    assert int(one.at_rule.novel.sum()) == 48
    assert not one.at_rule.lost.any()
    assert len(one.levels) == len(COSINES)
    assert one.giant_below is None


def test_the_threshold_is_the_rules():
    one = grown(planted.model(cosine=0.8))["16 and 64"]
    assert one.at_rule.threshold == 0.8
    assert int(one.at_rule.lost.sum()) == planted.TILTED
