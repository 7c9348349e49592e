"""Single insertions between SAEs whose features are known."""

import pytest

from saecore.claims.incompleteness import singles
from tests.claims.incompleteness import planted


def test_sizes_are_those_of_the_rows():
    found = singles.sizes_of(planted.world(shrink=0.5))
    assert found.l0["relu", 8] == pytest.approx(8 * 0.05, rel=0.2)
    assert found.live["relu", 64] == 1
    wide, narrow = found.unexplained["topk", 64], found.unexplained["topk", 8]
    assert wide == pytest.approx(1 - 64 / planted.WORLD_D_MODEL, abs=0.05)
    assert narrow == pytest.approx(1 - 8 / planted.WORLD_D_MODEL, abs=0.05)
    assert found.unexplained["relu", 8] > narrow


def test_latents_alone_are_novel_where_their_cosine_is_zero():
    found = singles.single_insertions(planted.world())
    assert list(found) == ["wider", "control"]
    for one in found.values():
        assert (one.sure.novel == (one.cosine < 0.5)).all()
        assert (one.sure.redundant == (one.cosine > 0.5)).all()


def test_pairs_are_the_base_the_steps_and_topk():
    assert singles.width_pairs(planted.world()) == [
        ("relu", 8, 32),
        ("relu", 8, 16),
        ("relu", 16, 32),
        ("relu", 32, 64),
        ("topk", 8, 32),
    ]


def test_shrunken_saes_find_copies_novel_until_their_decoder_is_refit():
    """With less than half of the amplitude even a copy helps."""
    base = ("relu", 8, 32)
    found = singles.novel_shares(planted.world(shrink=0.4), [base])
    assert found.wider[base].estimate == 1
    assert found.control[base].estimate == 1
    assert found.refit[base].estimate == pytest.approx(3 / 4)
    assert found.refit_control[base].estimate == pytest.approx(1 / 4)
    assert found.excess[base].triple == (0, 0, 0)
    assert found.refit_excess[base].triple == pytest.approx((1 / 2,) * 3)
    assert 0 < found.wider[base].low < found.wider[base].high == 1


def test_shrinkage_is_what_the_activations_lack():
    found = singles.amplitude(planted.world(shrink=0.8))
    assert found.shrinkage["relu"] == pytest.approx(0.2 / 0.8, abs=1e-3)
    assert found.shrinkage["topk"] == pytest.approx(0, abs=1e-6)
    copies, new = 6 / 8, 2 / 8
    control = found.factors["relu", "control"]
    assert control.redundant == pytest.approx(copies)
    assert control.more == pytest.approx(new)
    assert control.any_direction == 1
    parts = control.negative, control.redundant, control.short, control.more
    assert sum(parts) == pytest.approx(1)


def test_an_sae_trained_longer_that_is_the_same_lacks_the_same():
    found = singles.trained_longer(planted.model())
    assert found.unexplained[0] == pytest.approx(found.unexplained[1])
    assert found.change.triple == pytest.approx((0, 0, 0))
    assert found.refit.estimate == pytest.approx(44 / 64)
