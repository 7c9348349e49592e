"""Novel latents of a wider SAE against a narrower one, and the families that their
latents form, from the decoders alone.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.audit.measured.pairs import null_shards
from saecore.audit.numbers import AuditNumber, Null, as_null, number
from saecore.audit.weights import AuditedWeights
from saecore.measures.algebra.intervals import Interval, wilson
from saecore.measures.seeds.mutual import RowShards
from saecore.measures.stitching.families import (
    LinkedFamilies,
    Links,
    linked_families,
)

MOST_LINKS = 20_000_000
"""Links that are kept: 400 MB of them."""
STRUCTURELESS = "same covariance"
_OVER = "over latents (Wilson); says nothing of other seeds"


class WiderFound(NamedTuple):
    """A wider SAE against a narrower one."""

    numbers: list[AuditNumber]
    of: str
    families: LinkedFamilies
    """At the threshold."""
    largest_cosine: Float[Tensor, " latent"]
    """Of each latent of the wider one with the narrower one's decoder."""
    by_chance: Float[Tensor, " latent"]
    """The same with directions of the narrower one's mean and covariance."""


class _Linked(NamedTuple):
    links: Links
    best: Tensor


def novel_latents_by_cosine(
    one: AuditedWeights, other: AuditedWeights, *, threshold: float, level: float
) -> WiderFound:
    """Novel latents (Leask et al. 2502.04878, eq 6): the share of the wider SAE's
    latents whose largest decoder cosine with the narrower one is at most the threshold;
    and the families of linked latents (section 4.2).

    The null has directions of the narrower SAE's mean and covariance in the place of
    its own. Raises ValueError where d_model differs, or where more pairs are linked
    than fit in memory.
    """
    small, large = sorted((one, other), key=lambda x: x.width)
    of = f"{large.name} in {small.name}"
    found = _linked(small.decoder, large.decoder, threshold)
    made = null_shards(STRUCTURELESS, small.decoder, small.decoder)[0]
    chance = _linked(made, large.decoder, threshold)
    families, null = linked_families(found.links), linked_families(chance.links)
    numbers = [
        *_shares(of, families, null, level),
        *_counts(of, families, null),
    ]
    return WiderFound(numbers, of, families, found.best, chance.best)


def _linked(small: RowShards, large: RowShards, above: float) -> _Linked:
    """All pairs above a cosine, and the largest cosine of each latent of `large`."""
    best = torch.full((large.length,), -1.0)
    parts = list(_tiles(small, large, above, best))
    i, j, cosine = (torch.cat(part) for part in zip(*parts, strict=True))
    return _Linked(Links(i, j, cosine, (small.length, large.length), above), best)


def _tiles(
    small: RowShards, large: RowShards, above: float, best: Tensor
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    links = 0
    for start, rows in small.blocks():
        for first, others in large.blocks():
            tile = rows @ others.T
            here = slice(first, first + len(others))
            best[here] = torch.maximum(best[here], tile.max(0).values)
            i, j = (tile > above).nonzero(as_tuple=True)
            links += len(i)
            if links > MOST_LINKS:
                raise ValueError(
                    f"families are made of at most {MOST_LINKS:,} pairs of latents, "
                    f"but more have a cosine above {above}: raise --threshold"
                )
            yield i + start, j + first, tile[i, j]


def _shares(
    of: str, found: LinkedFamilies, null: LinkedFamilies, level: float
) -> list[AuditNumber]:
    def share(flags: Tensor) -> Interval:
        return wilson(int(flags.sum()), len(flags), level=level)

    told = {
        "novel": ("novel by cosine", "share of the wider SAE's latents without a "
                  "latent of the narrower one above {0}"),
        "lost": ("lost", "share of the narrower SAE's latents without one of the wider "
                 "above {0}"),
    }  # fmt: skip
    return [
        number(
            "novel", name, of, share(getattr(found, field)), over=_OVER,
            null=as_null(share(getattr(null, field)), "directions of the narrower "
                         "SAE's mean and covariance"),
            says=says.format(found.threshold),
        )
        for field, (name, says) in told.items()
    ]  # fmt: skip


def _counts(of: str, found: LinkedFamilies, null: LinkedFamilies) -> list[AuditNumber]:
    def one_to_one(families: LinkedFamilies) -> int:
        return families.kinds.get((1, 1), 0)

    told = {
        "families": (len(found.sizes), len(null.sizes), "groups of latents of both "
                     "SAEs that a chain of cosines above {0} joins"),
        "families of one and one": (one_to_one(found), one_to_one(null), "families of "
                                    "one latent of each SAE"),
        "largest family": (found.largest, null.largest, "share of the linked latents "
                           "in the largest family; near 1 it has swallowed all"),
    }  # fmt: skip
    return [
        number("novel", name, of, float(value), null=Null(float(chance), STRUCTURELESS),
               says=says.format(found.threshold))
        for name, (value, chance, says) in told.items()
    ]  # fmt: skip
