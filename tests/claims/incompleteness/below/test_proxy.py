"""The cosine as a sign of a lower error, for planted features."""

import pytest
import torch

from saecore.claims.incompleteness.below.proxy import (
    alike_in_activation,
    all_widths,
    cosine_spreads,
    proxies,
    stranger_roc,
)
from saecore.measures.dictionary.encoded import encoded
from tests.claims.incompleteness import planted
from tests.measures.stitching.test_insertion import normal, plain


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


def test_the_curve_of_the_null_is_the_mean_of_its_draws():
    held, x = planted.model(null_draws=7), normal(400, 8).float()
    saes = {
        width: [encoded(plain(width, seed=s, dtype=torch.float32), x) for s in (0, 1)]
        for width in (12, 48)
    }
    null = stranger_roc(held._replace(x=x, saes={"relu": saes}))
    assert (null.true.diff() >= -1e-9).all()
    assert (null.false[0], null.false[-1], null.true[-1]) == (0, 1, 1)
    area = float(torch.trapezoid(null.true, null.false))
    assert area == pytest.approx(null.auc, abs=0.02)


def test_a_stranger_in_the_span_of_the_small_decoder_tells_all():
    assert stranger_roc(planted.world()).auc > 0.99


def test_copies_have_a_cosine_of_one_and_others_of_zero():
    found = cosine_spreads(planted.world())
    assert list(found) == [(8, 16), (16, 32), (32, 64), (8, 8)]
    mean, median, deviation = found[8, 8].numbers
    assert (mean, median) == (pytest.approx(3 / 4), 1)
    assert deviation == pytest.approx((3 / 4 / 4 * 8 / 7) ** 0.5)


def test_every_two_widths_have_the_share_of_features_that_lack():
    for (u, v), cell in all_widths(planted.world()).items():
        assert tuple(cell) == pytest.approx((1 - u / v,) * 3)


def test_planted_latents_fire_alike_where_they_point_alike():
    assert 0 <= alike_in_activation(planted.model()) <= 1
