"""From width to width by stitching: novel latents join, then families are swapped.

Leask et al. (2502.04878), section 4.2, figures 5 and 14.
"""

from itertools import pairwise
from typing import NamedTuple

import torch

from saecore.claims.incompleteness.between_seeds import swap_l0
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.measures.dictionary.encoded import Encoded, mean_square, residual
from saecore.measures.stitching.families import family_swaps, linked_families, links
from saecore.measures.stitching.novelty import novelty
from saecore.measures.stitching.orders import Leg, leg

ORDER_SEED = 20250207
"""Of the generator that draws the orders in which latents and families move."""


class SwapsAlone(NamedTuple):
    """What the swaps of families do alone, over one pair of SAEs."""

    families: int
    """Families that are swapped."""
    median_effect: float
    """Median change of the error, as a share of the smaller SAE's."""
    mean_effect: float
    """Mean change, likewise."""
    better: float
    """Share of the swaps that surely lower the error."""
    worse: float
    """Share that surely raise it."""
    l0: float
    """Median change of the number of active latents per row."""


class Walk(NamedTuple):
    """The section's numbers, by the two widths; equal widths are the control."""

    legs: dict[tuple[int, int], Leg]
    """The way from each width to the next; the seeds take turns."""
    swaps: dict[tuple[int, int], SwapsAlone]
    """Swaps alone: seed 1 into seed 0."""
    l0: dict[tuple[int, int], dict[str, float]]
    """Changes of L0 by phase, as `between_seeds.swap_l0` adds them up; same SAEs as the
    legs."""


def walk(held: HeldOut) -> Walk:
    """Legs from the narrowest ReLU SAE to the widest, and swaps alone."""
    steps, narrow = list(pairwise(held.widths)), held.widths[0]
    generator = torch.Generator().manual_seed(ORDER_SEED)
    legs, alone, l0 = {}, {}, {}
    for step, (u, v) in enumerate([*steps, (narrow, narrow)]):
        first, second = (0, 1) if u == v else (step % 2, (step + 1) % 2)
        small, large = held.seeds("relu", u)[first], held.seeds("relu", v)[second]
        groups = linked_families(links(small, large, above=held.rule["cosine"]))
        l0[u, v] = swap_l0(small, large, threshold=held.rule["cosine"])
        legs[u, v] = leg(small, large, held.x, groups, generator=generator)
        small, large = held.seeds("relu", u)[0], held.seeds("relu", v)[1]
        alone[u, v] = _alone(held, small, large)
    return Walk(legs, alone, l0)


def _alone(held: HeldOut, small: Encoded, large: Encoded) -> SwapsAlone:
    groups = linked_families(links(small, large, above=held.rule["cosine"]))
    found, error = (
        family_swaps(small, large, held.x, groups, together=held.together),
        mean_square(residual(small, held.x)),
    )
    sure = novelty(
        found,
        fdr=held.rule["false_discovery_rate"],
        least=held.rule["least_firings"],
    )
    return SwapsAlone(
        len(found.effect),
        float(found.effect.median()) / error,
        float(found.effect.mean()) / error,
        float(sure.novel.double().mean()),
        float(sure.redundant.double().mean()),
        float(found.l0.median()),
    )
