"""Latents by how often they fire, over all seeds."""

import pytest
import torch

from saecore.claims.seed_dependence.orphans.firing import (
    RATE_GROUPS,
    by_rate,
    on_held_out_rows,
    weighted,
)


@pytest.fixture(scope="module")
def held(found):
    return on_held_out_rows(found.model.base)


def test_rows_are_those_that_no_sae_saw(held, found):
    base = found.model.base
    from dataclasses import replace

    site = replace(base.grid.base[0].site, sample=1)
    assert torch.equal(held.rows, base.zoo.get(site)[: len(held.rows)])
    assert [one.rows for one in held.encoded] == [len(held.rows)] * 4


def test_each_seed_is_compared_with_the_next(held, found):
    assert [held.next(seed) for seed in range(4)] == [1, 2, 3, 0]
    pairs = found.model.base.pairs.matchings
    assert torch.equal(held.shared(3), pairs[3, 0].shared)


def test_groups_hold_all_latents_and_all_firings(held, found):
    rates = by_rate(held)
    assert len(rates.shared) == len(rates.nowhere) == RATE_GROUPS
    assert float(rates.firings.sum()) == pytest.approx(1)
    assert rates.fires_from.tolist() == sorted(rates.fires_from.tolist())
    mean = sum(one.estimate for one in rates.shared) / RATE_GROUPS
    assert mean == pytest.approx(found.model.shared.estimate, abs=0.05)
    alone = sum(one.estimate for one in rates.nowhere) / RATE_GROUPS
    assert alone == pytest.approx(found.model.alone.estimate, abs=0.05)


def test_weights_leave_the_share_where_all_fire_alike(held, found):
    shares = weighted(held)
    expected = [held.shared(seed).double().mean() for seed in range(4)]
    assert shares.live.estimate == pytest.approx(float(sum(expected)) / 4)
    assert 0 < shares.firings.estimate < 1
