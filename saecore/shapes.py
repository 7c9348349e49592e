"""The array types that every measure speaks of, and the protocol that every dictionary
meets.
"""

from typing import Protocol, runtime_checkable

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
