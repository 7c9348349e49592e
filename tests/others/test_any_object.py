"""Objects that nobody has heard of: directions found or measured, promises tried."""

import pytest
import torch

from saecore import open_sae
from saecore.measures.dictionary.fidelity import fidelity, fvu
from saecore.measures.seeds.matching import shared
from saecore.others import any_object
from saecore.shapes import LinearEncoder
from saecore.sparse import dense


class Own:
    """Signed latents with a linear decoder, and nothing but the two methods."""

    W_dec: torch.Tensor
    W_enc: torch.Tensor
    d_in: int

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(3)
        self.out = torch.randn(24, 16, generator=generator)
        self.shift = torch.randn(16, generator=generator)

    def encode(self, x):
        z = (x - self.shift) @ self.out.T
        return z * (z.abs() > 8)

    def decode(self, z):
        return z @ self.out + self.shift


def test_directions_are_measured_shard_by_shard(rows, monkeypatch):
    monkeypatch.setattr(any_object, "SHARD", 24 * 5)
    own = Own()
    sae = open_sae(own, d_model=16)
    torch.testing.assert_close(sae.W_dec, own.out, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(sae.encode(rows), own.encode(rows))
    said = own.decode(own.encode(rows))
    torch.testing.assert_close(sae(rows), said, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(dense(sae.encode_sparse(rows), 24), own.encode(rows))
    assert sae.encode(rows[:0]).shape == (0, 24)
    assert sae.encode(rows.view(2, 50, 16)).shape == (2, 50, 24)
    assert fidelity(sae, rows).fvu == pytest.approx(fvu(rows, said), rel=1e-4)


def test_directions_that_decode_bears_out_are_taken_and_others_are_not():
    own = Own()
    own.W_dec = own.out.clone()
    assert torch.equal(open_sae(own).W_dec, own.out)
    own.W_dec = own.out * 2
    torch.testing.assert_close(open_sae(own).W_dec, own.out, rtol=1e-4, atol=1e-4)


def test_encoder_weights_are_there_only_where_the_object_has_them():
    own = Own()
    bare = open_sae(own, d_model=16)
    assert not isinstance(bare, LinearEncoder)
    own.W_enc = own.out.T.clone()
    whole = open_sae(own, d_model=16)
    assert isinstance(whole, LinearEncoder)
    assert len(shared(whole, whole, threshold=0.7).partner_dec) == 24


def test_a_module_in_half_precision_is_asked_in_its_own(rows):
    own = Own()
    own.out, own.shift = own.out.bfloat16(), own.shift.bfloat16()
    sae = open_sae(own, d_model=16)
    assert sae.encode(rows).dtype == torch.float32
    torch.testing.assert_close(sae.W_dec, own.out.float(), rtol=0.02, atol=0.02)


class Curved(Own):
    def decode(self, z):
        return (z @ self.out).tanh()


class Rescaled(Own):
    """Decodes into the units of the rows that it encoded last."""

    def encode(self, x):
        self.size = x.norm(dim=-1, keepdim=True).mean()
        return super().encode(x)

    def decode(self, z):
        return self.size * super().decode(z)


class Grouped(Own):
    def encode(self, x):
        return super().encode(x)[:, None]


class Failing(Own):
    def encode(self, x):
        raise IndexError("out of luck")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Curved, "decode is not linear"),
        (Rescaled, "depends on the rows that were encoded before"),
        (Grouped, r"encode made \(8, 1, 24\) of 8 rows"),
        (Failing, "out of luck"),
    ],
)
def test_objects_that_break_the_protocol_are_refused(kind, why):
    with pytest.raises(ValueError, match=why):
        open_sae(kind(), d_model=16)


def test_the_length_of_a_row_is_asked_for():
    with pytest.raises(ValueError, match="pass d_model="):
        open_sae(Own())
    own = Own()
    own.d_in = 16
    assert open_sae(own).d_model == 16
