"""The other way round: latents of the smaller SAE put into the larger one.

If the larger SAE held all that the smaller one has, none of them would lower its error.
"""

from typing import Any, NamedTuple

from saecore.claims.incompleteness.between_seeds import tables
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.singles import WidthPair, width_pairs
from saecore.claims.incompleteness.verdict_numbers import (
    Small,
    put_into,
    share_of,
    share_over_rule,
    smaller,
)
from saecore.measures.algebra.intervals import Interval
from saecore.measures.dictionary.encoded import Encoded

SMALL_DOSE = 1e-3
"""Share of its activation that a latent is given where any good at all is asked for."""


class Reverse(NamedTuple):
    """Share of novel latents by pair, with intervals over pairs of seeds."""

    into_larger: dict[WidthPair, Interval]
    """Latents of the smaller SAE, put into the larger one as it is."""
    into_refit: dict[WidthPair, Interval]
    """The same, with the larger SAE's decoder fitted on the other half of the rows."""
    control: dict[WidthPair, Interval]
    """Latents of another seed of the larger width, into its refit."""
    dose: dict[WidthPair, Interval]
    """As `into_refit`, at a small share of their activations: is there anything that
    they could add?"""
    dose_control: dict[WidthPair, Interval]
    """As `control`, likewise."""


def reverse(held: HeldOut) -> Reverse:
    """Novel latents of the smaller SAE for the larger one, and of its own width."""
    found = Reverse({}, {}, {}, {}, {})
    pairs = [pair for pair in width_pairs(held) if pair[0] == "relu"]
    for v in dict.fromkeys(v for _, _, v in pairs):
        wide = held.seeds("relu", v)
        into = [smaller(held, one) for one in wide]
        _, control, little = _shares(held, into, wide, v)
        for pair in (pair for pair in pairs if pair[2] == v):
            narrow = held.seeds(*pair[:2])
            shares = _shares(held, into, narrow, pair[1])
            found.into_larger[pair], found.into_refit[pair], found.dose[pair] = shares
            found.control[pair], found.dose_control[pair] = control, little
    return Reverse(*({pair: part[pair] for pair in pairs} for part in found))


def _shares(
    held: HeldOut, into: list[Small], inserted: list[Encoded], width: int
) -> list[Interval]:
    """Shares of novel latents: as it is, refit, and refit at a small dose."""

    def of_pair(s: int, t: int) -> dict[str, Any]:
        whole = put_into(held, into[s], inserted[t])
        little = put_into(held, into[s], dosed(inserted[t]))[1]
        several = (*whole, little)
        return {str(place): share_of(held, one) for place, one in enumerate(several)}

    found = tables(len(into), len(inserted), of_pair)
    return [share_over_rule(held, one, trials=width) for one in found.values()]


def dosed(one: Encoded) -> Encoded:
    """The same latents at a small share of their activations.

    At the share s a latent lowers the error just if its best factor is above s / 2: not
    "is it worth all of what it adds" but "could it add anything".
    """
    return one._replace(active=one.active._replace(value=SMALL_DOSE * one.active.value))
