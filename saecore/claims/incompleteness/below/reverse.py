"""The other way round: latents of the smaller SAE put into the larger one.

If the larger SAE held all that the smaller one has, none of them would lower its error.
"""

from typing import NamedTuple

from saecore.claims.incompleteness.headline import novel_in, over_seeds_of
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.singles import WidthPair, width_pairs
from saecore.measures.algebra.intervals import Interval
from saecore.measures.stitching.refit import refitted

STEPS_BACK = 3
"""Steps in width that are taken back, beside the base pair."""


class Reverse(NamedTuple):
    """Share of novel latents by pair, with intervals over pairs of seeds."""

    into_larger: dict[WidthPair, Interval]
    """Latents of the smaller SAE, put into the larger one as it is."""
    into_refit: dict[WidthPair, Interval]
    """The same, with the larger SAE's decoder fitted anew."""
    control: dict[WidthPair, Interval]
    """Latents of another seed of the larger width, into its refit."""


def reverse(held: HeldOut) -> Reverse:
    """Novel latents of the smaller SAE for the larger one, and of its own width."""
    pairs = [pair for pair in width_pairs(held) if pair[0] == "relu"][: STEPS_BACK + 1]
    fresh = {
        v: [refitted(one, held.x) for one in held.seeds(kind, v)]
        for kind, v in dict.fromkeys((kind, v) for kind, _, v in pairs)
    }
    found = Reverse({}, {}, {})
    for pair in pairs:
        kind, u, v = pair
        smaller, larger = held.seeds(kind, u), held.seeds(kind, v)
        for into, some, several in (
            (found.into_larger, larger, smaller),
            (found.into_refit, fresh[v], smaller),
            (found.control, fresh[v], larger),
        ):
            into[pair] = over_seeds_of(
                held, some, several, lambda a, b: novel_in(held, a, b)
            )
    return found
