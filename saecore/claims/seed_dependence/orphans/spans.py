"""Whether two seeds share the span of their orphans where they share no latents."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from saecore.claims.seed_dependence.base import BaseSeeds
from saecore.measures.algebra.assignment import assign
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.dictionary.nulls import same_covariance
from saecore.measures.seeds.spans import (
    axes_overlaps,
    group_overlaps,
    nearest_groups,
    random_axes,
)

RANKS = (1, 2, 4, 8, 16, 32, 64)
"""Numbers of leading axes, and sizes of groups."""
GROUP_SIZES = (1, 2, 4, 8, 16, 32)
JUDGED = 8
"""Size of the groups that the prose speaks of."""
_SEED = 20260612


class Spans(NamedTuple):
    """Overlaps of the orphans of two seeds, by rank or size, then by what they are
    compared with.
    """

    axes: dict[int, dict[str, Interval]]
    """Of the leading axes of all orphans: with those of the orphans of the "next seed",
    of its "shared latents", of Gaussian latents of its "same covariance", and "random"
    axes."""
    groups: dict[int, dict[str, Interval]]
    """Of the spans of groups and of their partners: "neighbours" among the orphans,
    orphans "at random", and neighbours with partners of the "same covariance"."""
    returning: Interval
    """Of the `JUDGED` leading axes: overlap with those of the next seed's orphans minus
    that with those of the same covariance."""
    excess: Interval
    """Of groups of `JUDGED` neighbours: overlap with the partners minus that with those
    of the same covariance."""
    turned: Interval
    """The same minus that of groups at random: large if seeds turn their latents within
    small subspaces."""


def orphan_spans(base: BaseSeeds) -> Spans:
    """Overlap of the spans of orphans, each seed beside the next (after Gerasimov et
    al. 2606.12138).

    All orphans of a wide SAE span the whole space, so either their leading axes are
    taken, or small groups: an orphan with its nearest others, and the latents of the
    next seed that the decoders pair these with. Means over groups, intervals over
    seeds.
    """
    generator = torch.Generator().manual_seed(_SEED)
    rows = [_of_seed(base, seed, generator) for seed in range(len(base.saes))]
    level = base.confidence

    def over(value: Callable[[tuple[_Found, _Found]], float]) -> Interval:
        return over_seeds([value(row) for row in rows], level=level)

    def table(part: int) -> dict[int, dict[str, Interval]]:
        return {
            size: {
                name: over(lambda row, s=size, n=name: row[part][s][n])
                for name in rows[0][part][size]
            }
            for size in rows[0][part]
            if all(size in row[part] for row in rows)
        }

    groups = table(1)
    judged = max((size for size in groups if size <= JUDGED), default=0)

    axes = table(0)
    rank = max((rank for rank in axes if rank <= JUDGED), default=0)

    def beyond(part: int, size: int, name: str, null: str) -> Interval:
        if not size:  # a seed without orphans, or with nothing else
            return Interval(torch.nan, -1.0, 1.0, torch.nan, level)
        return over(lambda row: row[part][size][name] - row[part][size][null])

    return Spans(
        axes,
        groups,
        beyond(0, rank, "next seed", "same covariance"),
        beyond(1, judged, "neighbours", "same covariance"),
        beyond(1, judged, "neighbours", "at random"),
    )


_Found = dict[int, dict[str, float]]


def _of_seed(base: BaseSeeds, seed: int, generator: Generator) -> tuple[_Found, _Found]:
    """Overlaps by leading axes and by groups, of one seed beside the next."""
    other = (seed + 1) % len(base.saes)
    matching = base.pairs.matchings[seed, other]
    first, second = (base.saes[s].W_dec.detach() for s in (seed, other))
    blank = same_covariance(base.saes[other], generator=generator).W_dec
    alone = ~matching.shared
    theirs = ~base.pairs.matchings[other, seed].shared
    ours = first[alone]
    axes = _axes(ours, second[theirs], second[~theirs], blank, generator)
    partners = second[matching.partner_dec[alone]]
    strangers = blank[assign(first, blank).partner[alone]]
    return axes, _groups(ours, partners, strangers, generator)


def _axes(
    ours: Tensor, theirs: Tensor, known: Tensor, blank: Tensor, generator: Generator
) -> _Found:
    most = min(*ours.shape, len(theirs), len(known))
    ranks = [rank for rank in RANKS if rank <= most]
    if not ranks:
        return {}
    drawn = [random_axes(rank, ours.shape[1], generator=generator) for rank in ranks]
    found = {
        "next seed": axes_overlaps(ours, theirs, ranks),
        "shared latents": axes_overlaps(ours, known, ranks),
        "same covariance": axes_overlaps(ours, blank[: len(theirs)], ranks),
        "random": [
            axes_overlaps(ours, axes, [rank])[0]
            for rank, axes in zip(ranks, drawn, strict=True)
        ],
    }
    return _by_size(ranks, found)


def _groups(
    ours: Tensor, partners: Tensor, strangers: Tensor, generator: Generator
) -> _Found:
    sizes = [size for size in GROUP_SIZES if size <= min(ours.shape)]
    found: dict[str, list[float]] = {
        "neighbours": [], "at random": [], "same covariance": []
    }  # fmt: skip
    for size in sizes:
        near = nearest_groups(ours, size)
        loose = torch.stack(
            [torch.randperm(len(ours), generator=generator)[:size] for _ in ours]
        )
        asked = ((partners, near), (partners, loose), (strangers, near))
        for name, (others, groups) in zip(found, asked, strict=True):
            found[name].append(float(group_overlaps(ours, others, groups).mean()))
    return _by_size(sizes, found)


def _by_size(sizes: Sequence[int], found: dict[str, list[float]]) -> _Found:
    return {
        size: {name: values[place] for name, values in found.items()}
        for place, size in enumerate(sizes)
    }
