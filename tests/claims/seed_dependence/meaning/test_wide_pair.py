"""The planted pair holds what it says, and its matching finds just that."""

import torch

from saecore.claims.seed_dependence.meaning.wide_pair import (
    planted_pair,
    wide_matchings,
)
from saecore.measures.algebra.assignment import assign


def test_as_many_latents_come_back_and_are_tied_as_were_planted():
    pair = planted_pair(64, width=600, common=0.4, equal=20)
    found = assign(pair.rows, pair.others)
    assert int((found.cosine > 0.7).sum()) == pair.common == 240
    assert found.tied.nonzero().flatten().tolist() == list(range(240, 260))
    assert found.gap < 1e-9


def test_near_cosines_are_counted():
    pair = planted_pair(64, width=300, equal=2)
    found = assign(pair.rows, pair.others)
    threshold = float(found.cosine[5])
    by_hand = (found.cosine - threshold).abs() < 1e-5
    assert by_hand[5]
    torch.testing.assert_close(found.near(threshold), by_hand)
    assert not found.near(threshold + 1e-3)[5]


def test_the_rows_of_the_table_are_two_seeds_and_the_planted_pair(found):
    base = found.model.base
    table = wide_matchings(base, width=400)
    assert list(table) == ["two seeds", "planted"]
    assert table["two seeds"].shared == base.pair.share("decoder")
    assert table["planted"].latents == 400
    assert abs(table["planted"].shared - 0.4) < 0.05
    assert table["planted"].ties >= 100
