"""Other directions under the same encoder."""

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.dictionary.fidelity import fvu
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.meta.replaced_decoder import Rewired, with_decoders
from tests.measures.dictionary.test_row_units import Normalised


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class Biased(Weights):
    """With a bias, as SAEs have."""

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        return latents @ self.W_dec + 3


def test_the_same_directions_change_nothing():
    base, rows = Biased(normal(6, 10), normal(10, 6, seed=1)), normal(40, 6, seed=2)
    same = Rewired(base, base.W_dec)
    torch.testing.assert_close(
        same.decode(same.encode(rows)), base.decode(base.encode(rows))
    )


def test_new_directions_are_used_and_the_bias_stays():
    base, rows = Biased(normal(6, 10), normal(10, 6, seed=1)), normal(40, 6, seed=2)
    new = normal(10, 6, seed=3)
    expected = base.encode(rows) @ new + 3
    torch.testing.assert_close(Rewired(base, new).decode(base.encode(rows)), expected)


def test_with_decoders_gives_error_and_loss_of_every_replacement():
    base, rows = Biased(normal(6, 10), normal(10, 6, seed=1)), normal(5000, 6, seed=2)
    new = torch.zeros(10, 6)
    found = with_decoders(
        base, {"nothing": new}, rows, loss=lambda d: float(d.W_dec.norm())
    )
    assert list(found) == ["as trained", "nothing"]
    assert found["nothing"] == (pytest.approx(fvu(rows, torch.full_like(rows, 3))), 0.0)
    assert found["as trained"][0] == pytest.approx(
        fvu(rows, base.decode(base.encode(rows)))
    )
    assert found["as trained"][1] == pytest.approx(float(base.W_dec.norm()))


def test_wrong_input_is_refused_in_a_sentence():
    base = Weights(normal(6, 10), normal(10, 6))
    with pytest.raises((ValueError, TypeCheckError), match="as many and as long"):
        Rewired(base, normal(9, 6))


def test_a_dictionary_that_normalises_rows_is_refused():
    base = Normalised(normal(8, 10), normal(10, 8, seed=1))
    for make in (Rewired, lambda one, new: with_decoders(one, {"x": new}, new)):
        with pytest.raises(ValueError, match="needs one decoder for all rows"):
            make(base, base.W_dec)
