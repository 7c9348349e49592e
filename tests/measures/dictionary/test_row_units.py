"""Reconstructions of dictionaries that normalise rows, and objects that are none."""

from typing import Any

import pytest
import torch

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.dictionary.row_units import (
    check_decoder,
    directions_of,
    one_decoder,
    rebuilt,
    rows_for,
    strengths,
)
from saecore.shapes import RowUnits


class Normalised(Weights):
    """Rows divided by their norms, encoded, decoded and multiplied again."""

    b_dec = torch.full((8,), 0.5)

    def row_units(self, x):
        return RowUnits(x.norm(dim=1, keepdim=True), torch.ones(len(x), 1))

    def encode(self, x):
        units = self.row_units(x)
        return ((x - units.offset) / units.scale @ self.W_enc).relu()

    def decode(self, latents, x=None):
        units = self.row_units(x)
        return units.offset + units.scale * (latents @ self.W_dec + self.b_dec)


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape)))


@pytest.fixture
def normalised():
    return Normalised(drawn(8, 20), drawn(20, 8))


@pytest.fixture
def rows():
    return 3 * drawn(30, 8) + 1


def test_a_reconstruction_is_encode_and_decode_with_the_rows(normalised, rows):
    z = normalised.encode(rows)
    assert torch.equal(rebuilt(normalised, rows), normalised.decode(z, rows))
    plain = Weights(normalised.W_enc, normalised.W_dec)
    assert torch.equal(rebuilt(plain, rows), plain.decode(plain.encode(rows)))


def test_strengths_times_directions_is_what_latents_add(normalised, rows):
    z = normalised.encode(rows)
    added = normalised.decode(z, rows) - normalised.decode(0 * z, rows)
    said = strengths(normalised, rows) @ normalised.W_dec
    torch.testing.assert_close(said, added, rtol=1e-4, atol=1e-3)
    plain = Weights(normalised.W_enc, normalised.W_dec)
    assert torch.equal(strengths(plain, rows), plain.encode(rows))


def test_one_decoder_is_asked_for_by_name(normalised):
    plain = Weights(normalised.W_enc, normalised.W_dec)
    assert one_decoder(plain, "a thing") is plain
    with pytest.raises(ValueError, match="a thing needs one decoder for all rows"):
        one_decoder(normalised, "a thing")


def test_directions_come_without_a_gradient_and_in_full_precision():
    weights = Weights(drawn(8, 20), drawn(20, 8).requires_grad_())
    assert not directions_of(weights).requires_grad
    for bad in (drawn(20, 8).bfloat16(), drawn(20), None):
        setattr(weights, "W_dec", bad)  # noqa: B010
        with pytest.raises(ValueError, match=r"open it with saecore\.open_sae"):
            directions_of(weights)


def test_rows_are_converted_and_other_shapes_refused(rows):
    w_dec = drawn(20, 8)
    assert rows_for(w_dec, rows) is rows
    assert rows_for(w_dec, rows.double()).dtype == torch.float32
    for bad in (rows[:, :5], rows.view(2, 15, 8), rows[0]):
        with pytest.raises(ValueError, match="a dictionary encodes rows"):
            rows_for(w_dec, bad)


class Pairs(Weights):
    def encode(self, x) -> Any:
        return super().encode(x), None


class Squared(Weights):
    def decode(self, latents):
        return (latents @ self.W_dec) ** 2


def test_decoders_that_are_not_linear_are_told_apart(rows):
    check_decoder(Weights(drawn(8, 20), drawn(20, 8)), rows, drawn(20, 8))
    for kind in (Pairs, Squared):
        one = kind(drawn(8, 20), drawn(20, 8))
        with pytest.raises(ValueError, match=rf"this {kind.__name__} does not \("):
            check_decoder(one, rows, one.W_dec)
