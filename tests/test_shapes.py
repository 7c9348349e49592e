"""What counts as a dictionary, and what as an array of rows."""

import pytest
import torch
from jaxtyping import TypeCheckError, jaxtyped

from saecore.measures.dictionary.nulls import Weights
from saecore.shapes import Dictionary, LinearEncoder, Rows


class Lookup:
    """A way in and a way out, and no encoder weights."""

    W_dec = torch.eye(3)

    def encode(self, x):
        return x

    def decode(self, latents):
        return latents


def test_a_dictionary_has_directions_a_way_in_and_a_way_out():
    assert isinstance(Lookup(), Dictionary)
    assert not isinstance(torch.nn.Linear(2, 2), Dictionary)


def test_a_linear_encoder_has_the_encoders_columns_too():
    assert not isinstance(Lookup(), LinearEncoder)
    assert isinstance(Weights(torch.eye(3), torch.eye(3)), LinearEncoder)


def test_rows_are_two_dimensional_floats():
    from beartype import beartype

    @jaxtyped(typechecker=beartype)
    def count(x: Rows) -> int:
        return len(x)

    assert count(torch.zeros(4, 2)) == 4
    for wrong in (torch.zeros(4), torch.zeros(4, 2, dtype=torch.int64)):
        with pytest.raises(TypeCheckError):
            count(wrong)
