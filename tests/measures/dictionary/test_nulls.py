"""What the nulls keep of a dictionary, and what they lose."""

import pytest
import torch

from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.dictionary.geometry import spectrum
from saecore.measures.dictionary.nulls import (
    Weights,
    gaussian,
    rotated,
    same_covariance,
    same_moments,
    sign_flipped,
)
from saecore.measures.seeds.matching import shared


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def uneven(width: int = 600, d_model: int = 48) -> Weights:
    """Rows of a steep spectrum about a mean, encoder close to the decoder."""
    scale = torch.arange(1, d_model + 1.0) ** -0.8
    turn = torch.linalg.qr(torch.randn(d_model, d_model, generator=generator(7))).Q
    rows = (
        torch.randn(width, d_model, generator=generator(1)) * scale + 0.3 * scale
    ) @ turn
    encoder = rows + 0.1 * torch.randn(width, d_model, generator=generator(2))
    return Weights(encoder.T.clone(), rows)


def test_a_rotation_keeps_the_dictionary_within_itself_and_loses_its_place():
    a = uneven()
    b = rotated(a, generator=generator())
    torch.testing.assert_close(
        b.W_dec @ b.W_dec.T, a.W_dec @ a.W_dec.T, atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(
        b.W_dec @ b.W_enc, a.W_dec @ a.W_enc, atol=1e-4, rtol=1e-4
    )
    assert (
        shared(a, b, threshold=0.7).share() < 0.1 < shared(a, a, threshold=0.7).share()
    )


def test_mirrored_axes_keep_the_covariance_exactly():
    a = uneven()
    b = sign_flipped(a, generator=generator())
    torch.testing.assert_close(
        b.W_dec.T @ b.W_dec, a.W_dec.T @ a.W_dec, atol=1e-3, rtol=1e-4
    )
    torch.testing.assert_close(
        b.W_dec @ b.W_enc, a.W_dec @ a.W_enc, atol=1e-4, rtol=1e-4
    )
    assert not torch.allclose(a.W_dec, b.W_dec, atol=0.1)


def test_mirrored_axes_of_the_activations_keep_their_covariance():
    rows = (
        torch.randn(400, 48, generator=generator(3))
        @ torch.randn(48, 48, generator=generator(4))
        + 5
    )
    carrier = Weights(
        rows.T.clone(), rows
    )  # so that the rows themselves go through the map
    turned = sign_flipped(carrier, generator=generator(), rows=rows).W_dec
    torch.testing.assert_close(turned.T.cov(), rows.T.cov(), atol=1e-2, rtol=1e-4)


def test_white_noise_becomes_rows_with_exactly_the_mean_and_covariance_asked_for():
    rows = uneven().W_dec
    noise = torch.randn(600, 48, generator=generator(9), dtype=torch.float64)
    noise = noise - noise.mean(0)
    white = noise @ torch.linalg.inv(torch.linalg.cholesky(noise.T.cov(correction=0)).T)
    found = same_moments(rows, white)
    torch.testing.assert_close(found.mean(0), rows.double().mean(0))
    torch.testing.assert_close(
        found.T.cov(correction=0), rows.double().T.cov(correction=0)
    )


def test_gaussian_rows_of_the_same_covariance_have_its_spectrum_and_its_encoder():
    a = uneven(width=4000)
    b = same_covariance(a, generator=generator())
    torch.testing.assert_close(
        spectrum(b.W_dec)[:8], spectrum(a.W_dec)[:8], rtol=0.15, atol=1e-3
    )
    torch.testing.assert_close(b.W_dec.mean(0), a.W_dec.mean(0), atol=0.08, rtol=0)

    def fit(w: Weights) -> float:
        return float((unit_rows(w.W_dec) * unit_rows(w.W_enc.T)).sum(1).mean())

    assert fit(b) == pytest.approx(fit(a), abs=0.02)


def test_the_same_covariance_is_the_hardest_null_to_beat():
    a = uneven()

    def alignment(make) -> float:
        return float(
            shared(a, make(a, generator=generator()), threshold=0.7).cosine_dec.mean()
        )

    assert (
        alignment(same_covariance) > max(alignment(rotated), alignment(gaussian)) + 0.1
    )


def test_nulls_come_from_their_generator_alone():
    a = uneven(50, 8)
    for make in (gaussian, rotated, sign_flipped, same_covariance):
        one, again, other = (make(a, generator=generator(s)) for s in (1, 1, 2))
        torch.testing.assert_close(one.W_dec, again.W_dec)
        torch.testing.assert_close(one.W_enc, again.W_enc)
        assert not torch.equal(one.W_dec, other.W_dec)
        assert one.W_dec.shape == (50, 8)
        assert one.W_enc.shape == (8, 50)


def test_an_untied_gaussian_null_has_an_encoder_of_its_own():
    a = uneven(50, 8)
    assert torch.equal(
        gaussian(a, generator=generator()).W_enc.T,
        gaussian(a, generator=generator()).W_dec,
    )
    free = gaussian(a, generator=generator(), tied=False)
    assert not torch.equal(free.W_enc.T, free.W_dec)
