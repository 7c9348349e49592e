"""SAEs that normalise every row before they encode it and undo that afterwards:
SAELens' `layer_norm` and `constant_norm_rescale`.
"""

from typing import Any, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.shapes import RowUnits
from saecore.sparse import Active

Normalization = Literal["layer_norm", "constant_norm_rescale"]
_EPS = 1e-5


class PerRow:
    """An SAE around which rows are normalised: a `RowScaled` dictionary.

    layer_norm: (x - mean) / (std + 1e-5), with the unbiased standard deviation over
    d_model, undone by * std + mean. constant_norm_rescale: x sqrt(d_model) / |x|,
    undone by its inverse. Both are those of SAELens, which does not undo the small 1e-5
    either.
    """

    def __init__(self, inner: Any, normalization: Normalization) -> None:
        self.inner: Any = inner
        self.normalization: Normalization = normalization
        self.W_dec: Tensor = inner.W_dec
        self.b_dec: Tensor = inner.b_dec
        if hasattr(inner, "W_enc"):
            self.W_enc: Tensor = inner.W_enc
        self.metadata: dict[str, Any] = inner.metadata
        self.architecture: str = inner.architecture
        self.width, self.d_model = self.W_dec.shape

    def __repr__(self) -> str:
        return f"PerRow({self.inner!r}, {self.normalization})"

    @torch.no_grad()
    def row_units(self, x: Float[Tensor, "*batch d_model"]) -> RowUnits:
        """Scale and offset of every row (or [*batch, 1] of them); ValueError for rows
        that cannot be normalised, being constant.
        """
        x = x.to(self.W_dec)
        if self.normalization == "layer_norm":
            offset = x.mean(-1, keepdim=True)
            scale = (x - offset).std(-1, keepdim=True)
        else:
            scale = x.norm(dim=-1, keepdim=True) / self.d_model**0.5
            offset = torch.zeros_like(scale)
        if not bool((scale > 0).all()):
            raise ValueError(
                f"{self.normalization} divides every row by its spread, but "
                f"{int((scale <= 0).sum())} of these rows have none: leave rows of "
                "equal numbers out"
            )
        return RowUnits(scale, offset)

    def encode(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch latent"]:
        """Activations of raw rows, in the units of the normalised ones, as SAELens'."""
        return self.inner.encode(self._normalised(x))

    def encode_sparse(self, x: Float[Tensor, "row d_model"]) -> Active:
        """The same as CSR."""
        return self.inner.encode_sparse(self._normalised(x))

    def decode(self, latents: Tensor, x: Tensor | None = None) -> Tensor:
        """Raw rows from activations and the rows that they were encoded from.

        Raises ValueError without the rows: the activations alone do not say how large
        they were.
        """
        if x is None:
            raise ValueError(
                f"an SAE with normalize_activations={self.normalization!r} decodes "
                "into the units of given rows, but none came: call decode(latents, x) "
                "with the rows that were encoded"
            )
        scale, offset = self.row_units(x)
        return self.inner.decode(latents) * scale + offset

    def __call__(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        """Reconstruction of raw rows."""
        return self.decode(self.encode(x), x)

    def to(self, device: str | torch.device) -> "PerRow":
        """The same on another device."""
        return PerRow(self.inner.to(device), self.normalization)

    def _normalised(self, x: Tensor) -> Tensor:
        scale, offset = self.row_units(x)
        x = x.to(self.W_dec) - offset
        return x / (scale + _EPS) if self.normalization == "layer_norm" else x / scale


def around_rows(sae: Any, setting: str) -> Any:
    """The SAE as it is for "none", within a `PerRow` for the two settings above."""
    known: dict[str, Normalization] = {one: one for one in get_args(Normalization)}
    return PerRow(sae, known[setting]) if setting in known else sae
