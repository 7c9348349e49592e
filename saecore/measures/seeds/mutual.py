"""Mutual nearest neighbours of two dictionaries, by shards: what stands in for the
one-to-one matching where dictionaries are too wide for the memory at hand.

A latent of a and one of b are mutual nearest neighbours if neither has a larger cosine
with any other latent of the other dictionary. Such a pair of nearly equal directions is
also matched in nearly every best matching; where latents crowd, a matching still pairs
those left over, and this rule does not, so its shares are lower or equal in practice.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.assignment import Assignment
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.seeds.matching import Matching

SHARD_ROWS = 4096
"""Rows of each side whose cosines are held at a time: 64 MB of them."""


class RowShards(NamedTuple):
    """Rows that are read a few at a time, wherever they lie."""

    length: int
    """Number of rows."""
    d_model: int
    """Numbers of each."""
    read: Callable[[int, int], Tensor]
    """Rows first to last (not included) as [row, d_model], in float32."""

    def blocks(self, size: int = SHARD_ROWS) -> Iterator[tuple[int, Tensor]]:
        """The number of the first row of each shard, and its rows scaled to norm 1."""
        for start in range(0, self.length, size):
            stop = min(start + size, self.length)
            yield start, unit_rows(self.read(start, stop))

    def some(self, index: Int[Tensor, " some"]) -> Float[Tensor, "some d_model"]:
        """Chosen rows, ascending, as they are."""
        parts = []
        for start in range(0, self.length, SHARD_ROWS):
            stop = min(start + SHARD_ROWS, self.length)
            here = index[(index >= start) & (index < stop)] - start
            if len(here):
                parts.append(self.read(start, stop)[here])
        return torch.cat(parts) if parts else torch.zeros(0, self.d_model)

    def whole(self) -> Float[Tensor, "row d_model"]:
        """All rows at once."""
        return self.read(0, self.length)


def shards_of(rows: Float[Tensor, "row d_model"]) -> RowShards:
    """Rows in memory, read like any others."""
    return RowShards(len(rows), rows.shape[1], lambda i, j: rows[i:j].float())


class NearestBothWays(NamedTuple):
    """The nearest row of the other set, for each row of two sets."""

    cosine: Float[Tensor, " row"]
    """Largest cosine of each row of a with a row of b."""
    partner: Int[Tensor, " row"]
    """That row of b."""
    cosine_back: Float[Tensor, " other"]
    """Largest cosine of each row of b with a row of a."""
    partner_back: Int[Tensor, " other"]
    """That row of a."""
    asked: Float[Tensor, " row"]
    """Cosine of each row of a with the row of b that was asked for; 0 for none."""

    @property
    def mutual(self) -> Bool[Tensor, " row"]:
        """Rows of a that are the nearest row of their own nearest row."""
        back = self.partner_back[self.partner]
        return (back == torch.arange(len(back))) & (self.cosine > 0)


def nearest_both_ways(
    a: RowShards, b: RowShards, *, ask: Int[Tensor, " row"] | None = None
) -> NearestBothWays:
    """Nearest rows by cosine in both directions, from one pass over all pairs of
    shards; `ask` names a row of b for each row of a (-1: none) whose cosine is told
    too.

    2 n m d_model FLOP; memory for two shards, their cosines and two numbers a row.
    Rows of zeros have cosine 0. Raises ValueError where d_model differs.
    """
    if a.d_model != b.d_model:
        raise ValueError(
            "two sets of rows are compared in one space, but they have "
            f"{a.d_model} and {b.d_model} coordinates: compare SAEs of the same site"
        )
    best, back = _nothing(a.length), _nothing(b.length)
    told = torch.zeros(a.length)
    for i, rows in a.blocks():
        for j, others in b.blocks():
            tile = rows @ others.T
            _improve(best, slice(i, i + len(rows)), tile.max(1), j)
            _improve(back, slice(j, j + len(others)), tile.max(0), i)
            if ask is not None:
                _tell(told, tile, ask[i : i + len(rows)], i, j)
    return NearestBothWays(best[0], best[1], back[0], back[1], told)


def mutual_matching(
    decoders: tuple[RowShards, RowShards],
    encoders: tuple[RowShards, RowShards],
    *,
    threshold: float,
) -> Matching:
    """Two dictionaries compared latent by latent through mutual nearest neighbours, by
    decoder and by encoder: a `Matching` whose pairs are those, and without a
    certificate (`gap` is nan).

    Every definition of "shared" reads it as it reads a one-to-one matching; latents
    that are in no mutual pair have the partner -1. `threshold` is the cosine from which
    latents count as shared. Raises ValueError where d_model differs.
    """
    decoder = nearest_both_ways(*decoders)
    first = _as_assignment(decoder)
    encoder = nearest_both_ways(*encoders, ask=first.partner)
    return Matching(first, _as_assignment(encoder), encoder.asked, threshold)


def _nothing(count: int) -> tuple[Tensor, Tensor]:
    return torch.full((count,), -math.inf), torch.zeros(count, dtype=torch.int64)


def _improve(
    best: tuple[Tensor, Tensor], at: slice, found: tuple[Tensor, Tensor], start: int
) -> None:
    """Take over what is larger than the best so far; the first of equals stays."""
    value, index = found
    better = value > best[0][at]
    best[0][at] = torch.where(better, value, best[0][at])
    best[1][at] = torch.where(better, index + start, best[1][at])


def _tell(told: Tensor, tile: Tensor, ask: Tensor, i: int, j: int) -> None:
    here = ((ask >= j) & (ask < j + tile.shape[1])).nonzero().flatten()
    told[i + here] = tile[here, ask[here] - j]


def _as_assignment(found: NearestBothWays) -> Assignment:
    mutual = found.mutual
    cosine = torch.where(mutual, found.cosine, 0.0)
    return Assignment(
        partner=torch.where(mutual, found.partner, -1),
        cosine=cosine,
        nearest=found.cosine,
        nearest_back=found.cosine_back,
        total=float(cosine.double().sum()),
        gap=math.nan,
        row_price=torch.zeros(0, dtype=torch.float64),
        column_price=torch.zeros(len(found.cosine_back), dtype=torch.float64),
        rounds=0,
        tied=torch.zeros(len(cosine), dtype=torch.bool),
    )
