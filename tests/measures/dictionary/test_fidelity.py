import pytest
import torch
from scipy.optimize import linear_sum_assignment
from torch.testing import assert_close

from saecore.measures.dictionary import fidelity
from saecore.measures.dictionary.fidelity import firing, fvu, l0
from saecore.measures.dictionary.nulls import Weights


@pytest.fixture
def rows():
    return torch.randn(500, 8, generator=torch.Generator().manual_seed(1)) * 2 + 3


@pytest.fixture
def dictionary():
    generator = torch.Generator().manual_seed(2)
    decoder = torch.randn(20, 8, generator=generator)
    decoder[4] = 0
    encoder = torch.randn(8, 20, generator=generator) * 0.2
    encoder[:, 5] = -1.0  # rows are positive on the whole: it hardly fires
    return Weights(encoder, decoder)


def test_one_pass_gives_fvu_l0_and_live_latents_of_dense_arithmetic(
    rows, dictionary, monkeypatch
):
    monkeypatch.setattr(fidelity, "ROWS", 64)
    latents = dictionary.encode(rows)
    found = fidelity.fidelity(dictionary, rows)
    assert found.fvu == pytest.approx(fvu(rows, dictionary.decode(latents)), rel=1e-5)
    assert found.l0 == pytest.approx(l0(latents))
    assert_close(found.fired, firing(latents).fired)
    assert (found.live, found.live_share) == (
        firing(latents).live,
        firing(latents).live / 20,
    )


def test_a_perfect_dictionary_leaves_nothing(rows):
    eye = torch.eye(8)
    both_signs = Weights(torch.cat([eye, -eye], 1), torch.cat([eye, -eye]))
    found = fidelity.fidelity(both_signs, rows)
    assert found.fvu < 1e-12
    assert found.l0 == pytest.approx(8)


def test_rows_that_do_not_vary_are_refused(dictionary):
    with pytest.raises(ValueError, match="rows that vary"):
        fidelity.fidelity(dictionary, torch.ones(10, 8))


def test_splicing_replaces_every_position_but_the_first(dictionary):
    stream = torch.randn(3, 5, 8, generator=torch.Generator().manual_seed(3))
    out = fidelity.splice(dictionary)(stream)
    assert_close(out[:, 0], stream[:, 0], rtol=0, atol=0)
    for seq in range(3):
        for pos in range(1, 5):
            row = stream[seq, pos][None]
            assert_close(out[seq, pos], dictionary.decode(dictionary.encode(row))[0])


def test_ablating_puts_one_row_everywhere_but_at_the_first_position():
    stream, row = torch.randn(3, 5, 8), torch.arange(8.0)
    out = fidelity.ablation_edit(row)(stream)
    assert_close(out[:, 0], stream[:, 0])
    assert_close(out[:, 1:], row.expand(3, 4, 8))


def test_the_recovered_loss_is_one_for_the_clean_and_zero_for_the_ablated():
    ends = {"clean": 2.0, "zero": 9.0, "mean": 6.0}
    assert fidelity.loss_recovered(spliced=2.0, **ends) == (0.0, 1.0, 1.0)
    assert fidelity.loss_recovered(spliced=6.0, **ends)[1:] == pytest.approx(
        (3 / 7, 0.0)
    )
    assert fidelity.loss_recovered(spliced=3.0, **ends) == pytest.approx(
        (1.0, 6 / 7, 3 / 4)
    )


def test_a_layer_that_does_not_matter_has_no_recovered_loss():
    with pytest.raises(ValueError, match="must cost more than the clean loss 2"):
        fidelity.loss_recovered(clean=2.0, spliced=2.0, zero=3.0, mean=2.0)


def test_mmcs_is_the_mean_of_largest_cosines_both_ways_whatever_the_norms():
    generator = torch.Generator().manual_seed(4)
    a, b = (
        torch.randn(7, 5, generator=generator),
        torch.randn(11, 5, generator=generator),
    )
    cosine = torch.nn.functional.cosine_similarity(a[:, None], b[None], dim=-1)
    found = fidelity.mmcs(3 * a, 0.1 * b)
    assert found.forward == pytest.approx(float(cosine.amax(1).mean()), abs=1e-6)
    assert found.backward == pytest.approx(float(cosine.amax(0).mean()), abs=1e-6)
    same = fidelity.mmcs(a, a[torch.randperm(7, generator=generator)])
    assert same == pytest.approx((1.0, 1.0), abs=1e-6)


def test_mmcs_of_random_directions_is_what_extreme_values_give():
    generator = torch.Generator().manual_seed(5)
    a, b = (
        torch.randn(400, 64, generator=generator),
        torch.randn(400, 64, generator=generator),
    )
    slow = torch.stack(
        [(x / x.norm() @ (b / b.norm(dim=1, keepdim=True)).T).max() for x in a]
    ).mean()
    assert fidelity.mmcs(a, b).forward == pytest.approx(float(slow), abs=1e-6)
    assert 0.3 < fidelity.mmcs(a, b).forward < 0.45  # far from 0: the null matters


def test_recovery_counts_features_with_a_latent_of_their_own():
    features = torch.eye(6)
    latents = torch.cat(
        [features[:4], features[:1], torch.ones(1, 6)]
    )  # one feature twice, one blend
    found = fidelity.recovery(Weights(latents.T, 2 * latents), features)
    cosine = torch.nn.functional.cosine_similarity(
        features[:, None], latents[None], dim=-1
    )
    pairs = linear_sum_assignment(cosine, maximize=True)
    assert (
        found.share
        == pytest.approx((cosine[pairs] >= 0.9).sum() / 6)
        == pytest.approx(4 / 6)
    )
    assert found.of_features == pytest.approx((4 + 2 / 6**0.5) / 6, abs=1e-6)
    assert found.of_latents == pytest.approx((5 + 1 / 6**0.5) / 6, abs=1e-6)


def test_more_features_than_latents_are_not_all_recovered():
    features = torch.eye(6)
    found = fidelity.recovery(
        Weights(features[:2].T.clone(), features[:2].clone()), features
    )
    assert found.share == pytest.approx(2 / 6)
