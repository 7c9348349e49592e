"""The numbers of the claim, beside what they are made of."""

import pytest
import torch

from saecore.claims.incompleteness import between_seeds
from saecore.measures.dictionary.encoded import encoded, residual
from saecore.measures.stitching.cosine_proxy import roc
from saecore.measures.stitching.families import linked_families, links
from saecore.measures.stitching.insertion import inserted, insertions
from saecore.measures.stitching.novelty import novelty
from saecore.measures.stitching.orders import leg
from tests.measures.stitching.test_insertion import normal, plain

X = normal(400, 8, seed=2)


def coded(*seeds: int, width: int = 12):
    return [encoded(plain(width, seed=seed), X) for seed in seeds]


def test_pairs_never_share_their_seed_and_controls_are_pairs_of_one_width():
    def measure(s: int, t: int) -> dict[str, torch.Tensor]:
        return {"sum": torch.tensor([10.0 * s + t, -1])}

    found = between_seeds.tables(3, 5, measure)["sum"]
    assert found.shape == (2, 3, 3)
    assert found[0].isnan().diagonal().all()
    assert (found[0, 1, 2], found[1, 0, 1]) == (12, -1)
    again = between_seeds.interval(
        coded(0, 1, 2), coded(3, 4, 5), lambda a, b: a.width, level=0.9
    )
    assert (again.estimate, again.level) == (12, 0.9)


def test_a_dictionary_has_no_news_for_itself():
    one = coded(0)[0]
    assert between_seeds.novel_by_cosine(one, one, threshold=0.7) == 0
    assert between_seeds.all_novel(one, one, X, threshold=0.7).tolist() == [0]
    assert between_seeds.swap_l0(one, one, threshold=0.7)["swaps"] == 0


def test_each_number_is_that_of_the_parts():
    small, large = coded(0)[0], coded(1, width=30)[0]
    alone = insertions(small, large, X, together=4)
    views = inserted(large, residual(small, X), together=4, groups=3)
    found = between_seeds.surely_novel(views, fdr=0.05, least=10)
    assert found.shape == (4, 30)
    assert (found[0] == novelty(alone, fdr=0.05, least=10).novel).all()
    assert between_seeds.sign_auc(views[:1], alone.effect[None]).tolist() == [1]
    assert between_seeds.sign_auc(views[:1], -alone.effect[None]).tolist() == [0]


def test_an_auc_over_draws_is_the_mean_of_their_areas():
    small, large = coded(0)[0], coded(1, width=30)[0]
    views = inserted(large, residual(small, X), groups=3)
    draws = normal(5, 30, seed=9)
    found = between_seeds.sign_auc(views, draws)
    live = views[0].live
    for view, one in enumerate(views):
        areas = [roc(draw[live], (one.effect < 0)[live]).auc for draw in draws]
        assert float(found[view]) == pytest.approx(sum(areas) / 5)


def test_strangers_have_the_covariance_of_the_small_decoder_and_tell_less():
    small, large = coded(0, width=40)[0], coded(1, width=60)[0]
    generator = torch.Generator().manual_seed(0)
    drawn = between_seeds.strangers(small, draws=400, generator=generator)
    rows = drawn.reshape(-1, 8)
    torch.testing.assert_close(rows.T.cov(), small.W_dec.T.cov(), rtol=0.1, atol=0.03)
    cosines = between_seeds.stranger_cosines(drawn[:5], large)
    assert cosines.shape == (5, 60)
    assert cosines.max() <= 1 + 1e-9
    assert len(set(cosines[:, 0].tolist())) == 5


def test_all_latents_at_once_change_the_error_as_the_rows_say():
    small, large = plain(12), plain(30, seed=1)
    share = 30 / 42
    rest = X - small.decode(small.encode(X)) - large.encode(X) @ large.W_dec
    rest = rest - share * (large.b_dec - small.b_dec)
    before = X - small.decode(small.encode(X))
    found = between_seeds.all_novel(
        encoded(small, X), encoded(large, X), X, threshold=2.0, groups=4
    )
    for view, kept in enumerate([slice(0, 400), slice(100, 400)]):
        errors = [one[kept].square().sum(1).mean() for one in (rest, before)]
        assert float(found[view]) == pytest.approx(float(errors[0] / errors[1] - 1))


def test_the_fall_of_l0_is_that_of_the_walk_from_one_to_the_other():
    small, large = coded(0)[0], coded(1, width=30)[0]
    groups = linked_families(links(small, large, above=0.5))
    way = leg(small, large, X, groups, generator=torch.Generator().manual_seed(0))
    found = between_seeds.swap_l0(small, large, threshold=0.5)
    assert found["swaps"] == pytest.approx(
        float(way.curve.l0[way.swapped] - way.curve.l0[way.novel])
    )
    back = between_seeds.swap_l0(large, small, threshold=0.5)
    assert found["swaps"] == pytest.approx(-back["swaps"])
    l0 = way.curve.l0
    assert found["novel"] == pytest.approx(float(l0[way.novel] - l0[0]))
    assert found["lost"] == pytest.approx(float(l0[way.swapped] - l0[-1]))
