"""Which latents are active: exact selection that never holds more than a chunk of rows x latents."""

from collections.abc import Iterator

import torch
from torch import Tensor

from saecore.linear import linear
from saecore.sparse import Active
from saecore.zoo import screening

CHUNK = 2_000_000  # pre-activations at a time: 8 MB, so that they stay in the cache and need no fresh pages


def chunk_rows(width: int) -> int:
    """How many rows make a chunk."""
    return max(1, CHUNK // width)


def chunks(rows: Tensor, w_enc: Tensor, b_enc: Tensor) -> Iterator[tuple[int, Tensor]]:
    """First row and pre-activations [row, latent] of every chunk; `w_enc` is [latent, d_model]."""
    size = chunk_rows(len(w_enc))
    for start in range(0, len(rows), size):
        yield start, linear(rows[start : start + size], w_enc, b_enc)


def top_k(pre: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest of every row and where they are, in no particular order; exact, ties aside.

    In two stages when there are many latents: the k strided groups with the largest maxima hold the k
    largest values.
    """
    rows, width = pre.shape
    groups = next((g for g in (8, 4) if width % g == 0 and width // g >= 4 * k), 1)
    if groups == 1:
        return pre.topk(k, dim=1, sorted=False)
    stride = width // groups
    best = pre.view(rows, groups, stride).amax(1).topk(k, dim=1, sorted=False).indices
    steps = torch.arange(groups, device=pre.device) * stride
    candidates = (best[:, :, None] + steps).view(rows, -1)
    value, place = pre.gather(1, candidates).topk(k, dim=1, sorted=False)
    return value, candidates.gather(1, place)


def select_top_k(rows: Tensor, w_enc: Tensor, b_enc: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """`top_k` of the pre-activations of many rows: values and latents [row, k]."""
    found = [top_k(pre, k) for _, pre in chunks(rows, w_enc, b_enc)]
    return torch.cat([value for value, _ in found]), torch.cat([latent for _, latent in found])


def select_above(rows: Tensor, w_enc: Tensor, b_enc: Tensor, floor: Tensor | float) -> tuple[Active, Tensor]:
    """The pre-activations above a floor (one, or one per latent), and the row of each."""
    width, found = len(w_enc), []
    if isinstance(floor, float) and screening.pays(rows, w_enc, floor):
        row, latent, value = screening.above(rows, w_enc, b_enc, floor, chunk=chunk_rows(width))
        return Active(row_pointers(row, len(rows)), latent, value), row
    for start, pre in chunks(rows, w_enc, b_enc):
        flat = (pre > floor).view(-1).nonzero().view(-1)
        value = pre.view(-1).index_select(0, flat)
        flat = flat.int()
        row = flat // width
        found.append((row + start, flat - row * width, value))
    row, latent, value = (torch.cat(parts) for parts in zip(*found, strict=True))
    return Active(row_pointers(row, len(rows)), latent, value), row


def row_pointers(row: Tensor, n: int) -> Tensor:
    """Where the entries of each of n rows begin, given the sorted row of each entry."""
    every = torch.arange(n + 1, dtype=row.dtype, device=row.device)
    return torch.searchsorted(row, every, out_int32=True)


def select_batch(
    rows: Tensor, w_enc: Tensor, b_enc: Tensor, keep: int, *, guess: float
) -> tuple[Active, Tensor, float]:
    """The `keep` largest positive pre-activations of the whole batch (ties at the last are all kept).

    Returns them, the row of each, and the smallest kept value (0 if fewer are positive). `guess` is that
    value in the last batch: only what lies above 0.95 of it is looked at, and less if that was too little.
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
    latent, value = active.latent.index_select(0, kept), active.value.index_select(0, kept)
    return Active(row_pointers(row, len(rows)), latent, value), row, float(last)


def first_guess(rows: Tensor, w_enc: Tensor, b_enc: Tensor, k: float) -> float:
    """The smallest value kept when k per row are kept on average, from the first chunk of rows alone."""
    _, pre = next(chunks(rows, w_enc, b_enc))
    keep = min(pre.numel(), max(1, round(len(pre) * k)))
    return max(0.0, float(pre.flatten().kthvalue(pre.numel() - keep + 1).values))
