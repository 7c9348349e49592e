"""The array types that every measure speaks of, and the protocols that dictionaries
meet.
"""

from typing import NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

Rows = Float[Tensor, "row d_model"]
Latents = Float[Tensor, "row latent"]
Directions = Float[Tensor, "latent d_model"]


@runtime_checkable
class Dictionary(Protocol):
    """A set of directions with a way in and a way out: a SAELens SAE, a baseline, a
    meta-SAE.

    `W_dec` [latent, d_model] holds one direction per row; `encode` turns rows [row,
    d_model] into latents [row, latent]; `decode` turns latents back into rows.
    """

    W_dec: Tensor

    def encode(self, x: Tensor) -> Tensor: ...

    def decode(self, latents: Tensor) -> Tensor: ...


@runtime_checkable
class LinearEncoder(Dictionary, Protocol):
    """A dictionary whose encoder is linear up to its activation: it also has `W_enc`
    [d_model, latent].
    """

    W_enc: Tensor


class RowUnits(NamedTuple):
    """The units in which a normalising dictionary reads each row: row = offset +
    scale * (the row in these units).
    """

    scale: Float[Tensor, "row 1"]
    """Above 0; what the decoder's output is multiplied by."""
    offset: Float[Tensor, "row 1"]
    """What is then added to every coordinate."""


@runtime_checkable
class RowScaled(Protocol):
    """A dictionary that normalises every row before it encodes it, and undoes that when
    it decodes (SAELens' `normalize_activations`).

    The reconstruction of a row x is offset(x) + scale(x) (z W_dec + b_dec), so a
    decoder needs the rows beside the latents: `decode(latents)` alone is a ValueError.
    """

    W_dec: Tensor
    b_dec: Tensor

    def encode(self, x: Tensor) -> Tensor: ...

    def decode(self, latents: Tensor, x: Tensor | None = None) -> Tensor: ...

    def row_units(self, x: Tensor) -> RowUnits: ...
