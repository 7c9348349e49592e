"""Exact selection of the active latents, never with more than a chunk of rows x latents
in memory.

Each selection is written in plain torch and, for a processor, in compiled loops
(`compiled_selection`); the tests hold them against each other.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from saecore.compiled.availability import serves
from saecore.linear import linear
from saecore.sparse import Active, chunk_rows, row_pointers, top_k
from saecore.training import compiled_selection


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
    if serves(rows, w_enc, b_enc):
        return compiled_selection.compiled_top_k(rows, w_enc, b_enc, k)
    found = [top_k(pre, k) for _, pre in chunks(rows, w_enc, b_enc)]
    value, latent = (torch.cat(parts) for parts in zip(*found, strict=True))
    return value, latent.int()


def select_above(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, floor: Tensor | float
) -> tuple[Active, Tensor]:
    """Thresholded activations: the pre-activations above a floor (one, or one per
    latent), and the row of each.
    """
    if serves(rows, w_enc, b_enc):
        return compiled_selection.compiled_above(rows, w_enc, b_enc, floor)
    width, found = len(w_enc), []
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
