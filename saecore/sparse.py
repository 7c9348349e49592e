"""Activations as CSR: row pointer, latent, value. The one internal form that every hot
path can share.
"""

import warnings
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from scipy.sparse import csr_array

CHUNK = 2_000_000
"""Pre-activations at a time: 8 MB, so that they stay in the cache and need no fresh
pages.
"""


class Active(NamedTuple):
    """The active latents of a batch of rows, row after row."""

    crow: Int[Tensor, " pointers"]
    """Row r owns the entries crow[r] : crow[r + 1]; int32, one more than there are
    rows.
    """
    latent: Int[Tensor, " entry"]
    """Which latent is active; int32."""
    value: Float[Tensor, " entry"]
    """How strongly."""


def row_of(active: Active) -> Int[Tensor, " entry"]:
    """Row indices: the row that each entry belongs to."""
    counts = torch.diff(active.crow)
    rows = torch.arange(len(counts), dtype=torch.int32, device=counts.device)
    return torch.repeat_interleave(rows, counts)


def dense(active: Active, width: int) -> Float[Tensor, "row latent"]:
    """The dense array [row, latent] of the same activations, with `width` columns."""
    out = active.value.new_zeros(len(active.crow) - 1, width)
    out[row_of(active).long(), active.latent.long()] = active.value
    return out


def sparse(latents: Float[Tensor, "row latent"]) -> Active:
    """CSR of a dense array: its entries that are not zero."""
    flat = latents.reshape(-1)
    place = flat.nonzero().view(-1)
    row = place // max(latents.shape[1], 1)
    latent = (place - row * latents.shape[1]).int()
    return Active(pointers(row, len(latents)), latent, flat[place])


def positive(value: Float[Tensor, "row k"], latent: Int[Tensor, "row k"]) -> Active:
    """CSR of k entries per row: those whose values are above 0."""
    kept = value > 0
    return Active(pointers_of(kept.sum(1)), latent[kept].int(), value[kept])


def joined(parts: Sequence[Active]) -> Active:
    """CSR of all rows from CSR of consecutive blocks of them.

    Raises ValueError for no blocks: the type of the values would be unknown.
    """
    if not parts:
        raise ValueError("rows are joined from one block or more, got none: give one")
    counts = torch.cat([torch.diff(part.crow) for part in parts])
    latent, value = (torch.cat([part[field] for part in parts]) for field in (1, 2))
    return Active(pointers_of(counts), latent, value)


def matrix(active: Active, width: int) -> "csr_array":
    """The same activations as a SciPy CSR array [row, latent]."""
    from scipy.sparse import csr_array

    crow, latent, value = (x.cpu().numpy() for x in active)
    return csr_array((value, latent, crow), shape=(len(crow) - 1, width))


def from_matrix(table: "csr_array", device: torch.device) -> Active:
    """CSR of a SciPy CSR array, on a device: the inverse of `matrix`."""
    crow, latent, value = (
        torch.from_numpy(part).to(device)
        for part in (table.indptr, table.indices, table.data)
    )
    return Active(crow.int(), latent.int(), value)


def pointers_of(counts: Int[Tensor, " row"]) -> Int[Tensor, " pointers"]:
    """Row pointers of CSR from the number of entries of each row."""
    out = torch.zeros(len(counts) + 1, dtype=torch.int32, device=counts.device)
    torch.cumsum(counts, 0, out=out[1:])
    return out


def pointers(
    sorted_index: Int[Tensor, " entry"], groups: int
) -> Int[Tensor, " pointers"]:
    """Row pointers of CSR: where each of `groups` runs begins in a list of sorted group
    numbers, and where the last one ends.
    """
    return pointers_of(torch.bincount(sorted_index, minlength=groups))


def row_pointers(row: Tensor, n: int) -> Tensor:
    """Row pointers of CSR from the sorted row of each entry, for n rows."""
    every = torch.arange(n + 1, dtype=row.dtype, device=row.device)
    return torch.searchsorted(row, every, out_int32=True)


def chunk_rows(width: int) -> int:
    """How many rows make a chunk."""
    return max(1, CHUNK // width)


def top_k(
    pre: Tensor, k: int, *, sizes: tuple[int, ...] = (8, 4)
) -> tuple[Tensor, Tensor]:
    """Top-k of every row: the k largest and where they are, in no particular order;
    exact, ties aside.

    In two stages where a row is wide: it is cut into groups of the first of `sizes`
    that divides it into 4 k groups or more, and the k groups with the largest maxima
    hold the k largest values.
    """
    rows, width = pre.shape
    size = next((g for g in sizes if width % g == 0 and width // g >= 4 * k), 1)
    if size == 1:
        return pre.topk(k, dim=1, sorted=False)
    stride = width // size
    best = pre.view(rows, size, stride).amax(1).topk(k, dim=1, sorted=False).indices
    steps = torch.arange(size, device=pre.device) * stride
    candidates = (best[:, :, None] + steps).view(rows, -1)
    value, place = pre.gather(1, candidates).topk(k, dim=1, sorted=False)
    return value, candidates.gather(1, place)


def weighted_sums(
    crow: Int[Tensor, " pointers"],
    index: Int[Tensor, " entry"],
    weight: Float[Tensor, " entry"],
    vectors: Float[Tensor, "vector d_model"],
) -> Float[Tensor, "group d_model"]:
    """Weighted sums of runs of entries: weight * vectors[index], added up. With vectors
    = W_dec this is a decoder.
    """
    return functional.embedding_bag(
        index,
        vectors,
        crow,
        mode="sum",
        per_sample_weights=weight,
        include_last_offset=True,
    )


def decode(
    active: Active, w_dec: Float[Tensor, "latent d_model"]
) -> Float[Tensor, "row d_model"]:
    """Sparse decoding: sum of value * direction over the active latents of each row
    (without the decoder's bias).
    """
    return weighted_sums(active.crow, active.latent, active.value, w_dec)


def dots(
    crow: Int[Tensor, " pointers"],
    latent: Int[Tensor, " entry"],
    rows: Float[Tensor, "row d_model"],
    directions: Float[Tensor, "latent d_model"],
) -> Float[Tensor, " entry"]:
    """Sampled dot products: <rows[r], directions[j]> at the entries (r, j) only."""
    if not _sampled_works(rows.device.type):
        return _dots_by_gathering(crow, latent, rows, directions)
    shape = (rows.shape[0], directions.shape[0])
    ones = rows.new_ones(latent.shape[0])
    pattern = torch.sparse_csr_tensor(crow, latent, ones, shape, check_invariants=False)
    return torch.sparse.sampled_addmm(pattern, rows, directions.t(), beta=0.0).values()


def _dots_by_gathering(
    crow: Tensor, latent: Tensor, rows: Tensor, directions: Tensor
) -> Tensor:
    row = row_of(Active(crow, latent, rows.new_empty(0)))
    pieces = [
        (rows[r.long()] * directions[j.long()]).sum(1)
        for r, j in zip(row.split(1 << 14), latent.split(1 << 14), strict=True)
    ]
    return torch.cat(pieces) if pieces else rows.new_empty(0)


@cache
def _sampled_works(device_type: str) -> bool:
    """Whether this build of torch has the sampled product for this kind of device."""
    warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
    try:
        one = torch.ones(1, 1, device=device_type)
        crow = torch.tensor([0, 1], dtype=torch.int32, device=device_type)
        pattern = torch.sparse_csr_tensor(
            crow, crow[:1], one[0], (1, 1), check_invariants=False
        )
        torch.sparse.sampled_addmm(pattern, one, one, beta=0.0)
    except (RuntimeError, NotImplementedError):
        return False
    return True
