"""Populations of known size, caught with known probabilities."""

import math

import pytest
import torch
from torch import Tensor

from saecore.measures.seeds.capture_recapture import census, chao, cluster
from saecore.measures.seeds.many_seeds import appearances
from tests.measures.seeds.populations import CAPTURES, beta, caught


def test_equally_likely_features_are_counted_by_the_bound():
    captures = caught(torch.full((4000,), 0.12, dtype=torch.float64))
    found = chao(captures, level=0.95)
    assert found.seen < 2900
    assert found.low < 4000 < found.high
    assert found.features == pytest.approx(4000, rel=0.05)


def test_the_bound_stays_below_when_features_are_unequal():
    found = chao(caught(beta(0.7, 2.0, 5000)), level=0.95)
    assert found.seen < found.features < 5000
    assert found.unseen == pytest.approx(found.features - found.seen)


def test_the_bound_of_a_textbook_example():
    # S/(S-1) corrected: 4 occasions, f = 10, 5, 2, 1: 18 + 3/4 * 100/10
    assert chao(
        torch.tensor([10.0, 5.0, 2.0, 1.0]), level=0.95
    ).features == pytest.approx(25.5)
    assert chao(torch.tensor([4.0, 0.0, 0.0, 3.0]), level=0.95).unseen == pytest.approx(
        0.75 * 4 * 3 / 2
    )
    assert chao(torch.tensor([0.0, 3.0, 3.0]), level=0.95).features == 6


def test_the_published_counts_are_bounded_from_below():
    found = chao(CAPTURES, level=0.95)
    assert found.seen == pytest.approx(143200, rel=1e-3)
    assert found.low > 5e5


def planted(seeds: int = 4, width: int = 60, core: int = 20) -> tuple[Tensor, Tensor]:
    """Latent i < core is one feature in all seeds, the next ten one in seeds 0 and 1,
    the rest alone.
    """
    partner = torch.arange(width).repeat(seeds, seeds, 1)
    flags = torch.zeros(seeds, seeds, width, dtype=torch.bool)
    flags[:, :, :core] = True
    flags[:2, :2, core : core + 10] = True
    flags[torch.arange(seeds), torch.arange(seeds)] = True
    return flags, partner


def test_latents_are_joined_into_the_planted_features():
    flags, partner = planted()
    found = cluster(flags, partner)
    assert found.captures().tolist() == [140, 10, 0, 20]
    assert found.clique.all()
    assert int(found.members.sum()) == 240
    torch.testing.assert_close(found.times[found.label[0]], appearances(flags)[0])


def test_a_chain_without_its_last_link_is_joined_but_no_clique():
    partner = torch.zeros(3, 3, 1, dtype=torch.int64)
    flags = torch.ones(3, 3, 1, dtype=torch.bool)
    flags[0, 2] = flags[2, 0] = False
    found = cluster(flags, partner)
    assert found.times.tolist() == [3]
    assert found.clique.tolist() == [False]


def test_a_feature_found_twice_in_one_seed_counts_once():
    partner = torch.tensor([0, 1]).repeat(3, 3, 1)
    partner[1, 2] = partner[2, 1] = torch.tensor(
        [1, 0]
    )  # 0-1 straight, 0-2 straight, 1-2 crossed
    found = cluster(torch.ones(3, 3, 2, dtype=torch.bool), partner)
    assert found.times.tolist() == [3]
    assert found.members.tolist() == [6]
    assert not found.clique.any()


def test_a_census_of_three_seeds_by_hand():
    """Latent 0 is found by all three, latent 1 by the first two, all others once."""
    flags = torch.zeros(3, 3, 4, dtype=torch.bool)
    partner = torch.arange(4).repeat(3, 3, 1)
    flags[:, :, 0] = True
    flags[0, 1, 1] = flags[1, 0, 1] = True
    found = census(flags, partner, level=0.95)
    assert (found.seen, found.once, found.again, found.everywhere) == (9, 7, 2, 1)
    assert found.cliques == 1
    assert math.isclose(found.at_least, 9 + 2 / 3 * 7 * 7 / (2 * 1))
