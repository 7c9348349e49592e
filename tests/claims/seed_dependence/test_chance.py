"""Chance of dictionaries that share nothing, and of some that share much."""

import pytest
import torch

from saecore.claims.seed_dependence.chance import (
    data_rows,
    largest_nulls,
    new_contexts,
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
    assert [len(shares) for shares in chance.kinds.values()] == [4] * 5
    assert chance.largest.estimate < 0.05
    assert chance.strangers.share() < 0.1


def test_the_largest_null_is_the_kind_with_the_largest_mean(found):
    def ring(*shares: float) -> torch.Tensor:
        table = torch.full((4, 4), torch.nan, dtype=torch.float64)
        for s, share in enumerate(shares):
            table[s, (s + 1) % 4] = share
        return table

    tables = {"few": ring(0.3, 0, 0, 0), "many": ring(0.2, 0.2, 0.2, 0.2)}
    chance = found.model.chance._replace(tables=tables)
    assert chance.strongest == "many"
    assert chance.largest.estimate == pytest.approx(0.2)
    assert 0 < chance.largest.low < 0.2 < chance.largest.high < 0.4


def test_the_excess_is_taken_seed_by_seed(found):
    model = found.model
    null = model.chance.largest.estimate
    assert model.excess.estimate == pytest.approx(model.shared.estimate - null)


def test_nulls_are_drawn_anew_the_same(found):
    again = shared_by_chance(found.model.base, generator=null_generator())
    assert again.kinds == found.model.chance.kinds
    nulls = other_nulls(found.model.base)
    assert nulls.chance.kinds == found.model.chance.kinds
    assert set(nulls.matchings) == set(nulls.chance.kinds)
    assert all(matching.share() < 0.1 for matching in nulls.matchings.values())


def test_samples_of_the_same_few_rows_share_much(found, monkeypatch):
    base = found.model.base
    generator = null_generator()
    assert data_rows(base, generator)["all rows"] < 0.2  # of 2,000 random rows
    rows = base.zoo.get(base.grid.base[0].site)[:5].repeat(40, 1)
    monkeypatch.setattr(type(base.zoo), "get", lambda *_: rows)
    world = found.world.base._replace(zoo=base.zoo)
    assert data_rows(world, generator)["all rows"] > 0.2


def test_rows_of_new_contexts_are_those_whose_last_tokens_stand_once():
    tokens = torch.tensor([[0, 1, 2, 3, 4], [0, 1, 2, 3, 9], [0, 5, 2, 3, 4]])
    alone = new_contexts(tokens, last=3)  # rows are those of positions 1, 2, ...
    assert alone.view(3, 4).tolist() == [
        [False, False, False, False],  # 0 1 2 and 1 2 3 are in both, 2 3 4 too
        [False, False, False, True],
        [False, True, True, False],
    ]


def test_each_setting_of_a_sweep_has_its_null(found):
    base = found.model.base
    nulls = largest_nulls(base, {"k": base.grid.ks, "layer": base.grid.layers})
    assert list(nulls["k"]) == [2, 3, 6]
    assert list(nulls["layer"]) == [0, 1]
    assert all(0 <= x < 0.2 for sweep in nulls.values() for x in sweep.values())
