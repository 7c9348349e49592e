"""Chance of dictionaries that share nothing, and of some that share much."""

import pytest

from saecore.claims.seed_dependence.chance import (
    SharedByChance,
    largest_nulls,
    null_generator,
    other_nulls,
    shared_by_chance,
)


def test_strangers_share_next_to_nothing(found):
    chance = found.model.chance
    assert set(chance.kinds) == {
        "Gaussian",
        "rotated",
        "sign-flipped",
        "same covariance",
        "untrained SAEs",
    }
    assert [len(draws) for draws in chance.kinds.values()] == [5, 5, 5, 5, 6]
    assert max(chance.largest) < 0.1
    assert chance.strangers.share() < 0.1


def test_the_largest_null_is_the_kind_with_the_largest_mean(found):
    kinds = {"few": [0.3, 0.0, 0.0], "many": [0.2, 0.2], "none": [0.0]}
    chance = SharedByChance(found.model.chance.strangers, kinds)
    assert chance.largest == pytest.approx((0.2, 0.2, 0.2))
    wider = SharedByChance(chance.strangers, {"few": [0.3, 0.0, 0.0]})
    assert wider.largest == pytest.approx((0.1, 0.0, 0.3))


def test_nulls_are_drawn_anew_the_same(found):
    again = shared_by_chance(found.model.base, generator=null_generator())
    assert again.kinds == found.model.chance.kinds
    nulls = other_nulls(found.model.base)
    assert nulls.chance.kinds == found.model.chance.kinds
    assert set(nulls.matchings) == set(nulls.chance.kinds)
    assert all(matching.share() < 0.1 for matching in nulls.matchings.values())


def test_samples_of_the_same_few_rows_share_much(found, monkeypatch):
    base = found.model.base
    assert other_nulls(base).data_rows < 0.2  # of 1,750 random rows
    rows = base.zoo.get(base.grid.base[0].site)[:5].repeat(40, 1)
    monkeypatch.setattr(type(base.zoo), "split", lambda *_: Few(rows))
    assert other_nulls(base).data_rows > 0.2


class Few:
    """Rows that are all alike but for five."""

    def __init__(self, train):
        self.train = train


def test_each_setting_of_a_sweep_has_its_null(found):
    base = found.model.base
    nulls = largest_nulls(base, {"k": base.grid.ks, "layer": base.grid.layers})
    assert list(nulls["k"]) == [2, 3, 6]
    assert list(nulls["layer"]) == [0, 1]
    assert all(0 <= x < 0.2 for sweep in nulls.values() for x in sweep.values())
