"""Mutual nearest neighbours by shards against the whole matrix of cosines."""

import math

import pytest
import torch

from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.seeds import mutual
from saecore.measures.seeds.mutual import (
    mutual_matching,
    nearest_both_ways,
    shards_of,
)


def normal(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def small_shards(monkeypatch):
    """Shards of five rows."""
    blocks = mutual.RowShards.blocks
    monkeypatch.setattr(
        mutual.RowShards, "blocks", lambda self, size=5: blocks(self, size)
    )


@pytest.mark.usefixtures("small_shards")
def test_shards_find_what_the_whole_matrix_says():
    a, b = normal(23, 6, seed=0), normal(31, 6, seed=1)
    cosine = unit_rows(a) @ unit_rows(b).T
    ask = torch.arange(23) % 31
    ask[3] = -1
    found = nearest_both_ways(shards_of(a), shards_of(b), ask=ask)
    for value, index, best in (
        (found.cosine, found.partner, cosine.max(1)),
        (found.cosine_back, found.partner_back, cosine.max(0)),
    ):
        torch.testing.assert_close(value, best.values)
        assert torch.equal(index, best.indices)
    wanted = cosine[torch.arange(23), ask]
    wanted[3] = 0
    torch.testing.assert_close(found.asked, wanted)
    back = cosine.argmax(0)[cosine.argmax(1)] == torch.arange(23)
    assert torch.equal(found.mutual, back & (cosine.amax(1) > 0))


@pytest.mark.usefixtures("small_shards")
def test_latents_that_two_dictionaries_hold_are_shared_and_others_are_not():
    same, order = normal(12, 16, seed=2), torch.randperm(20)
    a = torch.cat([same, normal(8, 16, seed=3)])
    b = torch.cat([same, normal(8, 16, seed=4)])[order]
    sides = shards_of(a), shards_of(b)
    found = mutual_matching(sides, sides, threshold=0.9)
    assert torch.equal(found.shared, torch.arange(20) < 12)
    assert found.share() == found.share("nearest") == 12 / 20
    assert math.isnan(found.decoder.gap)
    assert torch.equal(order[found.partner_dec[:12]], torch.arange(12))


def test_partners_that_differ_are_not_the_same_partner():
    a = normal(8, 16, seed=5)
    decoders = shards_of(a), shards_of(a)
    encoders = shards_of(a), shards_of(a.roll(1, 0))
    found = mutual_matching(decoders, encoders, threshold=0.9)
    assert found.share() == 0
    assert found.share("both") == 1
    assert found.share("decoder's partner") == 0


def test_rows_of_zeros_have_no_partner():
    a = normal(4, 8, seed=6)
    a[2] = 0
    found = nearest_both_ways(shards_of(a), shards_of(a))
    assert found.mutual.tolist() == [True, True, False, True]


def test_some_rows_are_read_in_their_order(monkeypatch):
    monkeypatch.setattr(mutual, "SHARD_ROWS", 3)
    rows = normal(10, 4, seed=7)
    index = torch.tensor([0, 2, 3, 9])
    assert torch.equal(shards_of(rows).some(index), rows[index])
    assert torch.equal(shards_of(rows).whole(), rows)


def test_another_space_is_refused():
    with pytest.raises(ValueError, match="compared in one space"):
        nearest_both_ways(
            shards_of(normal(3, 4, seed=0)), shards_of(normal(3, 5, seed=0))
        )
