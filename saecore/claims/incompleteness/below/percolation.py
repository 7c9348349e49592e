"""Families: latents of two SAEs linked by a cosine, and the giant one that swallows the
rest as the threshold falls.

Leask et al. (2502.04878), section 4.2, figures 3 and 12.
"""

from typing import NamedTuple

import torch

from saecore.claims.incompleteness.headline import STRANGERS_SEED
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.measures.dictionary import nulls
from saecore.measures.stitching.families import (
    LinkedFamilies,
    linked_families,
    links,
    percolation,
)

COSINES = tuple(round(0.95 - 0.05 * step, 2) for step in range(15))
"""Cosines at which latents are linked, from strict to loose."""


class Grown(NamedTuple):
    """Families of one pair of dictionaries as the threshold falls."""

    levels: list[LinkedFamilies]
    """At each of `COSINES`."""
    at_rule: LinkedFamilies
    """At the rule's cosine."""

    @property
    def giant_below(self) -> float | None:
        """The highest of the levels with a giant family; None if there is none."""
        giants = [one.threshold for one in self.levels if one.giant]
        return max(giants, default=None)


def grown(held: HeldOut) -> dict[str, Grown]:
    """Families of two pairs of ReLU SAEs four times apart, and of a Gaussian dictionary
    with the covariance of the narrowest: seed 1 with seed 0.
    """
    narrow, _, middle, *_, widest = held.widths
    first, second = held.seeds("relu", narrow)[0], held.seeds("relu", middle)
    known = nulls.Weights(first.W_dec.T, first.W_dec)
    generator = torch.Generator().manual_seed(STRANGERS_SEED)
    stranger = nulls.same_covariance(known, generator=generator)
    pairs = {
        f"{narrow} and {middle}": (first, second[1]),
        f"{middle} and {widest}": (second[0], held.seeds("relu", widest)[1]),
        f"null of {narrow}, and {middle}": (stranger, second[1]),
    }
    found = {}
    for name, (small, large) in pairs.items():
        every = links(small, large, above=min(COSINES[-1], held.rule["cosine"]))
        at_rule = linked_families(every, threshold=held.rule["cosine"])
        found[name] = Grown(percolation(every, COSINES), at_rule)
    return found
