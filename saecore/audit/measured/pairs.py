"""Two SAEs compared latent by latent: matched one to one, or by mutual nearest
neighbours where they are too wide; and each of the nulls of the other SAE.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.audit.numbers import Null, strongest_null
from saecore.audit.weights import AuditedWeights
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.dictionary.nulls import KINDS, Weights
from saecore.measures.seeds.matching import Definition, Matching, shared
from saecore.measures.seeds.mean_cosine import absolute_cosines
from saecore.measures.seeds.mutual import (
    RowShards,
    mutual_matching,
    shards_of,
)
from saecore.seeding import stable_seed

EXACT_UP_TO = 32_768
"""Latents of the wider SAE up to which the best one-to-one matching is found; wider
ones are compared by mutual nearest neighbours, by shards, so that 131,072 latents fit
in 2 GB.
"""
MEAN_COSINE_UP_TO = 8192
"""The same for the mean of absolute cosines, whose solver is dense: 0.5 GB here."""
NULL_SAMPLE = 2048
"""Latents that the nulls of wider SAEs are measured on."""
NULL_SHARD = 4096
"""Latents of a null that are made at a time."""


class ComparedPair(NamedTuple):
    """An SAE and another one, and the nulls made of the other."""

    of: str
    """What the report calls the pair."""
    matching: Matching
    """Latent by latent of the first."""
    nulls: dict[str, Matching]
    """The same of the first with each null; of some latents where SAEs are wide."""
    absolute: Float[Tensor, " latent"] | None
    """Absolute cosines, matched one to one; None for wide SAEs."""
    absolute_nulls: dict[str, float]
    """Mean of the same with each null."""
    exact: bool
    """Whether the matching is the best one-to-one matching."""
    encoders: bool
    """Whether both SAEs have encoder directions."""

    def null(self, definition: Definition, *, threshold: float | None = None) -> Null:
        """The largest share by chance under a definition."""
        return strongest_null(
            [
                Null(one.share(definition, threshold=threshold), name)
                for name, one in self.nulls.items()
            ]
        )


def compared_pair(
    one: AuditedWeights,
    other: AuditedWeights,
    *,
    threshold: float,
    exact_up_to: int = EXACT_UP_TO,
) -> ComparedPair:
    """Match two SAEs, and the first with what knows nothing, made of the second. Raises
    ValueError where d_model differs.
    """
    of = f"{one.name} and {other.name}"
    encoders = one.encoder is not None and other.encoder is not None
    if max(one.width, other.width) > exact_up_to:
        return _wide(of, one, other, threshold, encoders)
    first, second = _dense(one, encoders), _dense(other, encoders)
    small = max(one.width, other.width) <= MEAN_COSINE_UP_TO
    absolute = absolute_cosines(first.W_dec, second.W_dec) if small else None
    nulls, by_chance = {}, {}
    for name, make in KINDS.items():  # one null in memory at a time
        made = make(second, generator=_draw(name))
        nulls[name] = _against(first, made, threshold)
        if small:
            by_chance[name] = float(absolute_cosines(first.W_dec, made.W_dec).mean())
    matching = shared(first, second, threshold=threshold)
    return ComparedPair(of, matching, nulls, absolute, by_chance, True, encoders)


def _dense(one: AuditedWeights, encoders: bool) -> Weights:
    weights = one.dense()
    return weights if encoders else Weights(weights.W_dec.T, weights.W_dec)


def _against(first: Weights, null: Weights, threshold: float) -> Matching:
    """The matching with a null; of wider SAEs by mutual nearest rows where no cosine
    of the decoders comes near the threshold, for then nothing can be shared.
    """
    best = nearest(unit_rows(first.W_dec), unit_rows(null.W_dec)).value
    small = max(len(first.W_dec), len(null.W_dec)) <= MEAN_COSINE_UP_TO
    if small or float(best.max()) >= threshold - 0.1:
        return shared(first, null, threshold=threshold)
    sides = (first.W_dec, null.W_dec), (first.W_enc.T, null.W_enc.T)
    shards = [(shards_of(a), shards_of(b)) for a, b in sides]
    return mutual_matching(*shards, threshold=threshold)


def _wide(
    of: str,
    one: AuditedWeights,
    other: AuditedWeights,
    threshold: float,
    encoders: bool,
) -> ComparedPair:
    """By mutual nearest neighbours; nulls on some latents, with their nearest rows
    sought among these, which can only raise a null.
    """
    decoders = one.decoder, other.decoder
    columns = decoders
    if one.encoder is not None and other.encoder is not None:
        columns = one.encoder, other.encoder
    matching = mutual_matching(decoders, columns, threshold=threshold)
    some = sampled(one.width, NULL_SAMPLE)
    rows = [shards_of(side[0].some(some)) for side in (decoders, columns)]
    nulls = {}
    for name in KINDS:
        made = null_shards(name, decoders[1], columns[1])
        nulls[name] = mutual_matching(
            (rows[0], made[0]), (rows[1], made[1]), threshold=threshold
        )
    return ComparedPair(of, matching, nulls, None, {}, False, encoders)


def sampled(width: int, count: int) -> Int[Tensor, " latent"]:
    """Some latents, ascending; all of them where there are no more."""
    draw = torch.Generator().manual_seed(stable_seed("audit sample"))
    return torch.randperm(width, generator=draw)[:count].sort().values


def null_shards(
    kind: str, decoder: RowShards, encoder: RowShards
) -> tuple[RowShards, RowShards]:
    """A null of a dictionary that is made shard by shard, never as a whole: decoder and
    encoder rows.

    Gaussian rows and those of the same covariance are drawn anew for every shard, from
    that shard; a rotation and the signs along principal axes (those of some of its
    rows) are the same for all.
    """
    axes = decoder.some(sampled(decoder.length, NULL_SHARD))
    kept: dict[int, Weights] = {}

    def made(start: int) -> Weights:
        if start not in kept:
            stop = min(start + NULL_SHARD, decoder.length)
            rows, columns = decoder.read(start, stop), encoder.read(start, stop)
            kept.clear()
            kept[start] = _null(kind, Weights(columns.T, rows), start, axes)
        return kept[start]

    def reader(part: Callable[[Weights], Tensor]) -> Callable[[int, int], Tensor]:
        def read(first: int, last: int) -> Tensor:
            starts = range(first - first % NULL_SHARD, last, NULL_SHARD)
            pieces = [
                part(made(s))[max(first - s, 0) : last - s].float() for s in starts
            ]
            return torch.cat(pieces)

        return read

    rows = RowShards(decoder.length, decoder.d_model, reader(lambda x: x.W_dec))
    columns = RowShards(encoder.length, encoder.d_model, reader(lambda x: x.W_enc.T))
    return rows, columns


def _null(kind: str, part: Weights, start: int, axes: Tensor) -> Weights:
    if kind == "sign-flipped":
        return KINDS[kind](part, generator=_draw(kind), rows=axes)
    at = start if kind in ("Gaussian", "same covariance") else 0
    return KINDS[kind](part, generator=_draw(kind, at))


def _draw(*what: str | int) -> Generator:
    return torch.Generator().manual_seed(stable_seed("audit null", *what))
