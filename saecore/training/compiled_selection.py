"""Exact selection by compiled loops, and from bfloat16 products where they are faster.

bfloat16 products take about half the time of float32 ones where the processor has them.
Their error has a bound by Cauchy and Schwarz, (2 u + u^2) |row| |w| with u the rounding
of the factors, and the product is rounded once more: so every entry that may be active
is known, its float32 value is computed alone, and the choice is made by that.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from saecore.linear import (
    linear,
    named_kernels,
    onednn_is_better,
    shortest_seconds,
)
from saecore.sparse import Active, chunk_rows, row_pointers

LEAST = 1 << 16
"""Latents x d_model from which screening pays: below, the product is not the dearer
part.
"""
BFLOAT16 = 2.0**-8
"""Largest relative error of a number in bfloat16."""
SUMS = 1e-4
"""Allowed beside it for the rounding of sums in float32."""
Array = np.ndarray


class Chunk(NamedTuple):
    """A chunk of rows, as the loops take it."""

    first: int
    """The number of its first row."""
    pre: Array
    """float32 pre-activations [row, latent]; or, where screened, the bits of the
    bfloat16 products without the bias.
    """
    screen: tuple[Array, ...]
    """Where screened: rows, encoder, bias, norms of its directions, and what a product
    of unit directions may be off by, per row; else nothing.
    """


def compiled_top_k(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, k: int
) -> tuple[Tensor, Tensor]:
    """TopK of the pre-activations of many rows: values and latents [row, k], ascending
    by latent, ties by the lower latent.
    """
    from saecore.compiled.screening import screened_top_k
    from saecore.compiled.top_k import top_k_rows

    value = torch.empty(len(rows), k)
    latent = torch.empty(len(rows), k, dtype=torch.int32)
    for chunk in screened_chunks(rows, w_enc, b_enc):
        here = slice(chunk.first, chunk.first + len(chunk.pre))
        out = value[here].numpy(), latent[here].numpy()
        (screened_top_k if chunk.screen else top_k_rows)(
            chunk.pre, *chunk.screen, k, *out
        )
    return value, latent


def compiled_above(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, floor: Tensor | float
) -> tuple[Active, Tensor]:
    """Thresholded activations: the pre-activations above a floor (one, or one per
    latent), and the row of each.
    """
    from saecore.compiled.above import rows_above, screened_above

    least = torch.broadcast_to(torch.as_tensor(floor), b_enc.shape).float()
    found, out = [], None
    for chunk in screened_chunks(rows, w_enc, b_enc):
        if out is None:  # as many as there may be; pages that stay empty cost nothing
            size = chunk.pre.size
            out = (
                np.empty(size, np.int32),
                np.empty(size, np.int32),
                np.empty(size, np.float32),
            )
        select = screened_above if chunk.screen else rows_above
        n = select(chunk.pre, *chunk.screen, least.numpy(), chunk.first, *out)
        found.append([torch.from_numpy(part[:n].copy()) for part in out])
    row, latent, value = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Active(row_pointers(row, len(rows)), latent, value), row


def screened_chunks(rows: Tensor, w_enc: Tensor, b_enc: Tensor) -> Iterator[Chunk]:
    """The chunks of rows, screened where that pays."""
    screened = w_enc.numel() >= LEAST and bfloat16_is_fast()
    size = chunk_rows(len(w_enc))
    if not screened:
        for start in range(0, max(1, len(rows)), size):
            pre = linear(rows[start : start + size], w_enc, b_enc)
            yield Chunk(start, pre.numpy(), ())
        return
    low, share = w_enc.bfloat16(), 2 * BFLOAT16 + BFLOAT16**2 + SUMS
    norm, reach = w_enc.norm(dim=1).numpy(), rows.norm(dim=1).mul_(share).numpy()
    encoder = w_enc.numpy(), b_enc.numpy(), norm
    for start in range(0, max(1, len(rows)), size):
        some = rows[start : start + size]
        near = functional.linear(some.bfloat16(), low).view(torch.int16)
        screen = some.numpy(), *encoder, reach[start : start + size]
        yield Chunk(start, near.numpy(), screen)


@cache
def bfloat16_is_fast() -> bool:
    """True when a bfloat16 product takes at most 0.7 of the time of a float32 one, in a
    trial made once; or as $SAECORE_KERNELS says.
    """
    if chosen := named_kernels():
        return "bfloat16" in chosen
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(256, 256, generator=generator)
    weight = torch.randn(1024, 256, generator=generator)
    bias = torch.zeros(1024)
    low = x.bfloat16(), weight.bfloat16()
    plain = shortest_seconds(linear, x, weight, bias)
    return shortest_seconds(functional.linear, *low) < 0.7 * plain


def chosen_kernels() -> str:
    """What $SAECORE_KERNELS would have to say for the choice of this machine."""
    products = "onednn" if onednn_is_better() else "blas"
    return products + ",bfloat16" * bfloat16_is_fast()
