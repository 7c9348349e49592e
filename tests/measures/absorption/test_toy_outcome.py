"""What a signature calls a dictionary, on dictionaries that are written down."""

import math

import pytest
import torch

from saecore.measures.absorption.toy_outcome import signature
from saecore.measures.dictionary.nulls import Weights

DELTAS = (0.0, 0.25, 0.5, 0.75, 1.0)
F = torch.linalg.qr(
    torch.randn(9, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
).Q.T


def dictionary(encoder: list[torch.Tensor], decoder: list[torch.Tensor]) -> Weights:
    """The pair with clean latents for the other two features, in another order, with
    norms other than one.
    """
    w_enc, w_dec = (
        torch.stack([F[3], *encoder, F[2]]),
        torch.stack([F[3], *decoder, F[2]]),
    )
    scale = torch.tensor([2.0, 0.5, 3.0, 1.0, 0.1], dtype=torch.float64)[
        : len(w_dec), None
    ]
    return Weights((w_enc / scale).T, w_dec * scale)


@pytest.mark.parametrize("delta", DELTAS)
def test_the_signature_of_the_family_is_its_delta_whatever_order_and_norms(delta):
    found = signature(
        dictionary([F[1], F[0] - delta * F[1]], [F[1] + delta * F[0], F[0]]),
        F,
        parent=0,
        child=1,
    )
    assert found.latent.tolist() == [2, 1, 3, 0]
    assert (found.delta, found.decoder_delta(least=0.1)) == (
        pytest.approx(delta),
        pytest.approx(delta),
    )
    norm = math.sqrt(1 + delta**2)
    assert found.parent_enc_neg == pytest.approx(-delta / norm)
    assert found.child_dec_abs == pytest.approx(delta / norm)
    assert (found.alone, found.together) == (pytest.approx(1), pytest.approx(1 - delta))
    assert (found.child_together, found.child_alone) == (
        pytest.approx(norm),
        pytest.approx(norm),
    )
    assert found.outcome == {0.0: "solved", 1.0: "absorbed"}.get(
        delta, "partly absorbed"
    )


def test_hedged_rotated_and_unfinished_dictionaries_get_their_names():
    mixed = F[0] + 0.25 * F[1]
    hedged = signature(dictionary([mixed], [mixed]), F, parent=0, child=1)
    assert hedged.outcome == "hedged"
    assert (int(hedged.latent[1]), hedged.child_dec_abs != hedged.child_dec_abs) == (
        -1,
        True,
    )
    turned = [F[0] - F[1], F[0] + F[1]]
    assert (
        signature(dictionary(turned, turned), F, parent=0, child=1).outcome == "stuck"
    )
    lost = dictionary([F[0], F[1]], [F[0], F[1]])
    lost.W_dec[0] = lost.W_dec[3]
    assert signature(lost, F, parent=0, child=1).outcome == "stuck"
    dead = dictionary([F[0], F[1]], [F[0], torch.zeros_like(F[1])])
    assert signature(dead, F, parent=0, child=1).outcome == "stuck"


def test_parts_of_a_direction_outside_the_features_do_not_change_the_encoders_cosines():
    clean = dictionary([F[0] - F[1], F[1]], [F[0], F[0] + F[1]])
    outside = torch.randn(
        9, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    outside -= F.T @ (F @ outside)
    noisy = Weights(clean.W_enc + outside, clean.W_dec)
    found = signature(noisy, F, parent=0, child=1)
    assert found.parent_enc_neg == pytest.approx(-math.sqrt(0.5))
    assert found.outcome == "absorbed"


def test_a_pair_that_is_no_pair_is_refused():
    with pytest.raises(ValueError, match="two different features"):
        signature(dictionary([F[0], F[1]], [F[0], F[1]]), F, parent=1, child=1)


def test_a_decoder_without_the_child_has_no_share_of_the_parent():
    found = signature(
        dictionary([F[0], F[1]], [F[0], F[1] + F[0]]), F, parent=0, child=1
    )
    assert found.decoder_delta(least=0.7) == pytest.approx(1)
    assert math.isnan(found.decoder_delta(least=0.71))


def test_a_strong_child_is_asked_at_its_own_magnitude():
    share = 0.8 / 3  # the family with a child of magnitude 3, delta 0.8
    family = dictionary([F[1], F[0] - share * F[1]], [F[1] + share * F[0], F[0]])
    found = signature(family, F, parent=0, child=1, child_magnitude=3.0)
    assert found.delta == pytest.approx(0.8)
    assert found.child_together == pytest.approx(3 * math.sqrt(1 + share**2))
