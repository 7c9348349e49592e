"""SAEs trained where there are no features, as the zoo gives them."""

import pytest

from saecore.claims.seed_dependence.meaning import trained_nulls as nulls


def test_both_nulls_are_compared_with_each_other_and_with_the_base(
    found, profile, monkeypatch
):
    base = found.model.base
    monkeypatch.setattr(nulls, "untrained_saes", lambda *_: base.grid.ks[6])
    trained = nulls.trained_nulls(base, profile)
    assert list(trained) == ["Gaussian rows", "untrained language model"]
    for one in trained.values():
        assert 0 <= one.two_seeds.low <= one.two_seeds.high <= 1
        assert one.fvu == pytest.approx(0.11)
    assert trained["untrained language model"].with_base.estimate > 0.2
