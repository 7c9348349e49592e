"""The numbers of the claim, beside what they are made of."""

import pytest
import torch

from saecore.claims.incompleteness import between_seeds
from saecore.measures.algebra import intervals
from saecore.measures.dictionary.encoded import encoded
from saecore.measures.stitching.families import linked_families, links
from saecore.measures.stitching.insertion import insertions
from saecore.measures.stitching.novelty import novelty
from saecore.measures.stitching.orders import leg
from tests.measures.stitching.test_insertion import normal, plain

X = normal(400, 8, seed=2)


def coded(*seeds: int, width: int = 12):
    return [encoded(plain(width, seed=seed), X) for seed in seeds]


def test_pairs_never_share_their_seed_and_controls_are_pairs_of_one_width():
    found = between_seeds.between_seeds(
        coded(0, 1, 2), coded(3, 4, 5, width=20), lambda a, b: a.width + b.width
    )
    assert found.isnan().diagonal().all()
    assert found[0, 1] == 32
    assert intervals.over_pairs(found, level=0.95).estimate == 32
    again = between_seeds.interval(
        coded(0, 1, 2), coded(3, 4, 5), lambda a, b: a.width, level=0.9
    )
    assert (again.estimate, again.level) == (12, 0.9)


def test_a_dictionary_has_no_news_for_itself():
    one = coded(0)[0]
    assert between_seeds.novel_by_cosine(one, one, threshold=0.7) == 0
    assert between_seeds.all_novel(one, one, X, threshold=0.7) == 0
    assert between_seeds.swap_l0(one, one, threshold=0.7) == 0


def test_each_number_is_that_of_the_parts():
    small, large = coded(0)[0], coded(1, width=30)[0]
    alone = insertions(small, large, X, together=4)
    sure = novelty(alone, fdr=0.05, least=10)
    found = between_seeds.novel_share(small, large, X, together=4, fdr=0.05, least=10)
    assert found == float(sure.novel.double().mean())
    assert between_seeds.sign_auc(small, large, X, alone.effect) == 1
    assert between_seeds.sign_auc(small, large, X, -alone.effect) == 0


def test_a_stranger_tells_less_than_the_small_dictionary_itself():
    small, large = coded(0, width=40)[0], coded(1, width=60)[0]
    mixed = large._replace(W_dec=torch.cat([small.W_dec[:30], large.W_dec[30:]]))
    generator = torch.Generator().manual_seed(0)
    null = [
        between_seeds.stranger_auc(small, mixed, X, generator=generator)
        for _ in range(5)
    ]
    assert all(0 <= one <= 1 for one in null)
    assert len(set(null)) > 1


def test_all_latents_at_once_change_the_error_as_the_rows_say():
    small, large = plain(12), plain(30, seed=1)
    share = 30 / 42
    rest = X - small.decode(small.encode(X)) - large.encode(X) @ large.W_dec
    rest = rest - share * (large.b_dec - small.b_dec)
    before = (X - small.decode(small.encode(X))).square().sum(1).mean()
    found = between_seeds.all_novel(
        encoded(small, X), encoded(large, X), X, threshold=2.0
    )
    assert found == pytest.approx(float(rest.square().sum(1).mean() / before - 1))


def test_the_fall_of_l0_is_that_of_the_walk_from_one_to_the_other():
    small, large = coded(0)[0], coded(1, width=30)[0]
    groups = linked_families(links(small, large, above=0.5))
    way = leg(small, large, X, groups, generator=torch.Generator().manual_seed(0))
    found = between_seeds.swap_l0(small, large, threshold=0.5)
    assert found == pytest.approx(
        float(way.curve.l0[way.swapped] - way.curve.l0[way.novel])
    )
    assert found == pytest.approx(-between_seeds.swap_l0(large, small, threshold=0.5))
