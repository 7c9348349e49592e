"""A dictionary with other decoder rows, and what that does: to the error, and to
whatever else is measured.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from saecore.measures.dictionary.fidelity import fvu
from saecore.measures.dictionary.row_units import one_decoder
from saecore.shapes import Dictionary, Directions, Rows, RowScaled

_CHUNK = 4096  # rows at a time


@dataclass
class Rewired:
    """A dictionary that encodes as before and decodes with other directions; the bias
    stays. Raises ValueError for a base that normalises rows (`one_decoder`).
    """

    base: Dictionary | RowScaled
    W_dec: Directions

    def __post_init__(self) -> None:
        self._linear = one_decoder(self.base, "a replaced decoder")
        if self.W_dec.shape != self.base.W_dec.shape:
            raise ValueError(
                "new directions must be as many and as long as the old, "
                f"{tuple(self.base.W_dec.shape)}, got {tuple(self.W_dec.shape)}: "
                "rebuild the rows of this dictionary"
            )

    def encode(self, x: Tensor) -> Tensor:
        """As the dictionary that was rewired."""
        return self.base.encode(x)

    def decode(self, latents: Tensor) -> Tensor:
        """With the new directions."""
        return self._linear.decode(torch.zeros_like(latents[:1])) + latents @ self.W_dec


def with_decoders(
    base: Dictionary | RowScaled,
    replacements: Mapping[str, Directions],
    rows: Rows,
    *,
    loss: Callable[[Dictionary], float] | None = None,
) -> dict[str, tuple[float, float]]:
    """FVU of `rows`, and a loss, with a dictionary's decoder as it is and with each
    replacement, by name.

    `loss` gets a dictionary and says what it costs to put its reconstruction in the
    place of the rows (of a language model, say); without it the second number is NaN.
    "as trained" comes first.
    """
    base = one_decoder(base, "a replaced decoder")
    kinds: dict[str, Dictionary] = {"as trained": base}
    kinds |= {name: Rewired(base, new) for name, new in replacements.items()}
    return {
        name: (_fvu(kind, rows), float("nan") if loss is None else float(loss(kind)))
        for name, kind in kinds.items()
    }


def _fvu(dictionary: Dictionary, rows: Rows) -> float:
    return fvu(
        rows,
        torch.cat(
            [dictionary.decode(dictionary.encode(part)) for part in rows.split(_CHUNK)]
        ),
    )
