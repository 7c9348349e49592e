"""Latents that split when an SAE grows: do the parts of one small latent share a
meta-latent?
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.nearest import nearest, same_space, unit_rows
from saecore.shapes import Directions

BINS = 200
"""Of angles between 0 and 180 degrees."""
_TILE = 1024


class SplitFamilies(NamedTuple):
    """Latents of a large SAE by the latent of a small one that they come from, and what
    pairs share.
    """

    family: Int[Tensor, " latent"]
    """The small latent of each large one; -1 for those that are close to none."""
    sizes: Int[Tensor, " family"]
    """How many large latents each family of two or more has."""
    pairs: int
    """Pairs of latents of one family."""
    share: float
    """Share of these pairs that have an active meta-latent in common."""
    chance: float
    """The same share among pairs of two families."""
    matched: float
    """The same among pairs of two families with the same cosines: similarity without
    descent.
    """
    covered: float
    """Share of the families' pairs that have a pair of two families within their bin of
    cosines (0.01 wide).
    """
    common: float
    """Share of families of which all members have one meta-latent in common."""


def split_families(
    rows: Directions,
    small: Float[Tensor, "other d_model"],
    uses: Float[Tensor, "latent meta"],
    *,
    threshold: float,
) -> SplitFamilies:
    """Feature splitting between two widths: families of latents, and whether they share
    meta-latents more than others do.

    A large latent belongs to its nearest small latent if their cosine exceeds
    `threshold` (0.7 in Leask et al., section 4.2; there families may overlap). The
    matched control standardises the pairs of two families to the cosines of the pairs
    of one, bin by bin: any dictionary of the rows gives similar rows the same parts,
    and only what is left speaks of families. NaN where there is no pair.
    Raises ValueError where shapes disagree.
    """
    same_space(rows, small)
    if len(uses) != len(rows):
        raise ValueError(
            "meta-latents and decoder rows must be those of the same latents, got "
            f"{len(uses)} and {len(rows)}; use one SAE"
        )
    close = nearest(unit_rows(rows), unit_rows(small))
    family = torch.where(close.value[:, 0] > threshold, close.other[:, 0], -1)
    member = family >= 0
    sizes = family[member].bincount(minlength=len(small))
    pairs, both = _by_angle(unit_rows(rows[member]), family[member], uses[member] != 0)
    usable = pairs[1] * (pairs[0] > 0)
    rate = both[0] / pairs[0].clamp(min=1)
    return SplitFamilies(
        family,
        sizes[sizes > 1],
        int(pairs[1].sum()),
        _ratio(both[1].sum(), pairs[1].sum()),
        _ratio(both[0].sum(), pairs[0].sum()),
        _ratio((rate * usable).sum(), usable.sum()),
        _ratio(usable.sum(), pairs[1].sum()),
        _all_share(uses != 0, family, sizes),
    )


def _by_angle(
    unit: Directions,
    family: Int[Tensor, " member"],
    active: Bool[Tensor, "member meta"],
) -> tuple[Float[Tensor, "kin bin"], Float[Tensor, "kin bin"]]:
    """Pairs by angle, of two families (0) or one (1): how many, and how many of them
    share a meta-latent.
    """
    pairs, both = torch.zeros(2, 2 * BINS, dtype=torch.float64)
    place, used = torch.arange(len(unit)), active.float()
    for start in range(0, len(unit), _TILE):
        part = slice(start, start + _TILE)
        later = place[None] > place[part, None]
        angle = (unit[part] @ unit.T).clamp(-1, 1).acos()
        cell = (angle * (BINS / torch.pi)).long().clamp(0, BINS - 1)
        cell = (cell + BINS * (family[part, None] == family[None]))[later]
        shared = ((used[part] @ used.T) > 0.5)[later]
        pairs += torch.bincount(cell, minlength=2 * BINS)
        both += torch.bincount(cell, weights=shared.double(), minlength=2 * BINS)
    return pairs.view(2, BINS), both.view(2, BINS)


def _all_share(active: Tensor, family: Tensor, sizes: Tensor) -> float:
    groups = (sizes > 1).nonzero()[:, 0].tolist()
    found = [bool(active[family == group].all(0).any()) for group in groups]
    return sum(found) / len(found) if found else float("nan")


def _ratio(part: Tensor, whole: Tensor) -> float:
    return float(part / whole) if whole > 0 else float("nan")
