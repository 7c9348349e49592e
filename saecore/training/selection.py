"""Exact selection of the active latents, never with more than a chunk of rows x latents
in memory.

Wide SAEs are screened: which pre-activations exceed a floor is found in bfloat16 and
settled in fp32, at half the cost. bfloat16 products are about twice as fast as fp32
ones where the processor has them. Their error has a bound, so every entry that may
exceed the floor is kept, its fp32 value computed alone, and the floor applied to that.
"""

from collections.abc import Iterator
from functools import cache

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.linear import linear, shortest_seconds
from saecore.sparse import Active, chunk_rows, dots, row_pointers, top_k

LEAST = 1 << 20
"""Latents x d_model from which screening is tried: below, the rest of a step is the
dearer part.
"""
ROUNDING = 2.0**-8
"""Largest relative error of a number in bfloat16."""


def chunks(rows: Tensor, w_enc: Tensor, b_enc: Tensor) -> Iterator[tuple[int, Tensor]]:
    """First row and pre-activations [row, latent] of every chunk; `w_enc` is [latent,
    d_model].
    """
    size = chunk_rows(len(w_enc))
    for start in range(0, len(rows), size):
        yield start, linear(rows[start : start + size], w_enc, b_enc)


def select_top_k(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, k: int
) -> tuple[Tensor, Tensor]:
    """TopK of the pre-activations of many rows: values and latents [row, k]."""
    found = [top_k(pre, k) for _, pre in chunks(rows, w_enc, b_enc)]
    return torch.cat([value for value, _ in found]), torch.cat(
        [latent for _, latent in found]
    )


def select_above(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, floor: Tensor | float
) -> tuple[Active, Tensor]:
    """Thresholded activations: the pre-activations above a floor (one, or one per
    latent), and the row of each.
    """
    width, found = len(w_enc), []
    if isinstance(floor, float) and screening_pays(rows, w_enc, floor):
        row, latent, value = screened(
            rows, w_enc, b_enc, floor, chunk=chunk_rows(width)
        )
        return Active(row_pointers(row, len(rows)), latent, value), row
    for start, pre in chunks(rows, w_enc, b_enc):
        flat = (pre > floor).view(-1).nonzero().view(-1)
        value = pre.view(-1).index_select(0, flat)
        flat = flat.int()
        row = flat // width
        found.append((row + start, flat - row * width, value))
    row, latent, value = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Active(row_pointers(row, len(rows)), latent, value), row


def select_batch(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, keep: int, *, guess: float
) -> tuple[Active, Tensor, float]:
    """BatchTopK: the `keep` largest positive pre-activations of the whole batch (ties
    at the last are all kept).

    Returns them, the row of each, and the smallest kept value (0 if fewer are
    positive). `guess` is that value in the last batch: only what lies above 0.95 of it
    is looked at, and less if that was too little.
    """
    floor = 0.95 * guess
    active, row = select_above(rows, w_enc, b_enc, floor)
    while len(row) < keep and floor > 0:
        floor = 0.8 * floor if floor > 0.05 * guess else 0.0
        active, row = select_above(rows, w_enc, b_enc, floor)
    if len(row) <= keep:
        return active, row, float(active.value.min()) if len(row) == keep else 0.0
    last = active.value.kthvalue(len(row) - keep + 1).values
    kept = (active.value >= last).nonzero().view(-1)
    row = row.index_select(0, kept)
    latent, value = (
        active.latent.index_select(0, kept),
        active.value.index_select(0, kept),
    )
    return Active(row_pointers(row, len(rows)), latent, value), row, float(last)


def first_guess(rows: Tensor, w_enc: Tensor, b_enc: Tensor, k: float) -> float:
    """BatchTopK's threshold guessed: the smallest value kept when k per row are kept on
    average, from the first chunk of rows alone.
    """
    _, pre = next(chunks(rows, w_enc, b_enc))
    keep = min(pre.numel(), max(1, round(len(pre) * k)))
    return max(0.0, float(pre.flatten().kthvalue(pre.numel() - keep + 1).values))


def screening_pays(rows: Tensor, w_enc: Tensor, floor: Tensor | float) -> bool:
    """Whether screening is faster here: a wide SAE, on a processor with fast bfloat16,
    above a positive floor (at a floor of 0 about half of all entries would have to be
    settled one by one).
    """
    alike = rows.dtype == w_enc.dtype == torch.float32 and rows.device.type == "cpu"
    return (
        alike
        and w_enc.numel() >= LEAST
        and isinstance(floor, float)
        and floor > 0
        and _fast()
    )


def screened(
    rows: Float[Tensor, "row d_model"],
    w_enc: Float[Tensor, "latent d_model"],
    b_enc: Float[Tensor, " latent"],
    floor: float,
    *,
    chunk: int,
) -> tuple[Int[Tensor, " entry"], Int[Tensor, " entry"], Float[Tensor, " entry"]]:
    """Row, latent and value of every pre-activation rows w_encᵀ + b_enc above `floor`,
    row by row.

    |error of the product| <= (2 u + u^2) |row| |w| by Cauchy and Schwarz, u being the
    rounding of the factors; the result is rounded once more, and so is the bound.
    `chunk` rows at a time. Rows or weights that are not finite give the entries that
    fp32 gives.
    """
    width, bound = len(w_enc), _bound(rows, w_enc, b_enc, floor)
    low, found = w_enc.bfloat16(), []
    for start in range(0, len(rows), chunk):
        near = functional.linear(rows[start : start + chunk].bfloat16(), low)
        flat = (~(near < bound)).view(-1).nonzero().view(-1)
        found.append(flat + start * width)
    flat = torch.cat(found)
    row, latent = (flat // width).int(), (flat % width).int()
    crow = torch.searchsorted(
        row, torch.arange(len(rows) + 1, dtype=torch.int32), out_int32=True
    )
    value = dots(crow, latent, rows, w_enc) + b_enc[latent]
    kept = (value > floor).nonzero().view(-1)
    return row[kept], latent[kept], value[kept]


def _bound(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, floor: float
) -> Float[Tensor, " latent"]:
    """What the bfloat16 product of each latent reaches at least where the fp32 value
    exceeds the floor.
    """
    share = 2 * ROUNDING + ROUNDING**2 + 1e-4  # the last for sums in fp32
    least = floor - b_enc - share * rows.norm(dim=1).max() * w_enc.norm(dim=1)
    return (least - 4 * ROUNDING * least.abs()).bfloat16()


@cache
def _fast() -> bool:
    """True when a bfloat16 product takes at most 0.7 of the time of an fp32 one, in a
    trial made once.
    """
    generator = torch.Generator().manual_seed(1)
    x, weight = (
        torch.randn(256, 768, generator=generator),
        torch.randn(1024, 768, generator=generator),
    )
    low = x.bfloat16(), weight.bfloat16()
    plain = shortest_seconds(functional.linear, x, weight)
    return shortest_seconds(functional.linear, *low) < 0.7 * plain
