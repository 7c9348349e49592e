"""A dictionary on given rows: its active entries, directions and bias. Encode once,
measure often.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.algebra.nearest import same_space
from saecore.measures.dictionary.row_units import check_decoder, directions_of, rows_for
from saecore.shapes import Dictionary, Rows, RowScaled
from saecore.sparse import Active, decode, joined, row_of, sparse

CHUNK_ENTRIES = 4_000_000
"""Numbers of one kind that are held at a time."""
CHECKED = 8
"""Rows on which a decoder is looked at before it is taken for linear."""


class Encoded(NamedTuple):
    """A dictionary encoded on given rows: all that stitching needs of it. Encode once,
    measure often.
    """

    active: Active
    """The activations, row after row."""
    W_dec: Float[Tensor, "latent d_model"]
    """One direction per row, of any norm."""
    bias: Float[Tensor, "*row d_model"]
    """What it reconstructs when nothing is active: one vector, or one per row where
    the dictionary normalises rows.
    """

    @property
    def width(self) -> int:
        """Number of latents."""
        return len(self.W_dec)

    @property
    def rows(self) -> int:
        """Number of rows that were encoded."""
        return len(self.active.crow) - 1

    @property
    def l0(self) -> float:
        """Mean number of active latents per row."""
        return len(self.active.latent) / max(self.rows, 1)

    @property
    def fired(self) -> Int[Tensor, "latent"]:
        """Rows on which each latent is active."""
        return torch.bincount(self.active.latent, minlength=self.width)


@torch.no_grad()
def encoded(dictionary: Dictionary | RowScaled, x: Float[Tensor, "..."]) -> Encoded:
    """Activations, directions and bias of a dictionary on the rows `x`.

    Uses the dictionary's `encode_sparse` where it has one, else `encode` on pieces of
    the rows. The bias is what `decode` makes of no activations. Of a `RowScaled`
    dictionary the activations are multiplied by the scales of their rows, and every row
    has its own bias, so that activations W_dec + bias is its reconstruction too. Rows
    of another precision are converted to that of the dictionary. Raises ValueError
    where d_model differs, for rows that are not [row, d_model], and for an object that
    is no dictionary yet: one whose decoder is not linear, or that lacks W_dec.
    """
    w_dec = directions_of(dictionary)
    x = rows_for(w_dec, x)
    if isinstance(dictionary, RowScaled):
        active = _active(dictionary, x, len(w_dec))
        scale, offset = dictionary.row_units(x)
        value = active.value * scale[row_of(active).long(), 0]
        bias = offset + scale * dictionary.b_dec.detach()
        return Encoded(active._replace(value=value), w_dec, bias)
    if not hasattr(dictionary, "encode_sparse"):
        check_decoder(dictionary, x[:CHECKED], w_dec)
    bias = dictionary.decode(w_dec.new_zeros(1, len(w_dec)))[0].detach()
    return Encoded(_active(dictionary, x, len(w_dec)), w_dec, bias)


def _active(dictionary: Any, x: Rows, width: int) -> Active:
    if sparsely := getattr(dictionary, "encode_sparse", None):
        return sparsely(x)
    step = max(1, CHUNK_ENTRIES // width)
    return joined([sparse(dictionary.encode(piece)) for piece in x.split(step)])


def pair(
    small: Dictionary | RowScaled | Encoded,
    large: Dictionary | RowScaled | Encoded,
    x: Rows,
) -> tuple[Encoded, Encoded, Float[Tensor, "row d_model"]]:
    """Both dictionaries encoded on `x`, and what the small one leaves of it.

    Raises ValueError where the two do not read the same site, or were encoded on other
    rows.
    """
    same_space(small.W_dec, large.W_dec)
    x = x.to(small.W_dec.dtype)
    first, second = (
        one if isinstance(one, Encoded) else encoded(one, x) for one in (small, large)
    )
    for one in (first, second):
        if one.rows != len(x) or one.W_dec.shape[1] != x.shape[1]:
            raise ValueError(
                "both dictionaries must be encoded on the rows that are given, "
                f"{tuple(x.shape)}, but one was encoded on ({one.rows}, "
                f"{one.W_dec.shape[1]}): call `encoded` on these rows"
            )
    return first, second, residual(first, x)


def residual(one: Encoded, x: Rows) -> Float[Tensor, "row d_model"]:
    """The residual of a reconstruction: x minus what the dictionary makes of it."""
    return (x - one.bias) - decode(one.active, one.W_dec)


def mean_square(rows: Rows) -> float:
    """Mean over rows of the squared norm, summed in float64."""
    return sum(float(part.double().square().sum()) for part in rows.split(8192)) / max(
        len(rows), 1
    )


def variance(x: Rows) -> float:
    """Mean over rows of the squared distance from the mean row: an error divided by it
    is an fvu.
    """
    return mean_square(x - x.mean(0, dtype=torch.float64).to(x.dtype))


def part(active: Active, rows: slice) -> Active:
    """A slice of rows in CSR form: `rows.start` is row 0 of what is returned, and
    `rows.stop` is the first row that is left out.
    """
    begin, end = int(active.crow[rows.start]), int(active.crow[rows.stop])
    crow = active.crow[rows.start : rows.stop + 1] - active.crow[rows.start]
    return Active(crow, active.latent[begin:end], active.value[begin:end])


def row_chunks(
    active: Active, width: int, together: int = 1
) -> Iterator[tuple[slice, Active]]:
    """Slices of rows that fit in memory: which rows, and their activations.

    Each slice is made of whole blocks of `together` rows.
    """
    n = len(active.crow) - 1
    per_row = max(
        1.0, len(active.latent) / max(n, 1), width / together if together > 1 else 0.0
    )
    step = max(1, int(CHUNK_ENTRIES / per_row) // together) * together
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        yield rows, part(active, rows)
