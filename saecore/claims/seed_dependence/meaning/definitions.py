"""What "shared" means: other definitions, other thresholds, other layers, and what is
kept the same.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from saecore.claims.seed_dependence.base import BaseSeeds, matched
from saecore.claims.seed_dependence.chance import OtherNulls, largest_nulls
from saecore.measures.algebra.intervals import (
    Interval,
    over_seeds,
    share_over_seeds,
)
from saecore.measures.seeds.matching import (
    DEFINITIONS,
    Definition,
    Sweep,
    shared,
    sweep,
)

Kept = tuple[bool, bool, bool]
"""Whether initialisation, batch order and data are the same."""


class ByThreshold(NamedTuple):
    """The share against the threshold on the cosine."""

    real: Sweep
    """Of two seeds, by every definition; it has the thresholds."""
    nulls: dict[str, Float[Tensor, "threshold"]]
    """Of every kind of null, by the claim's definition."""


class ByLayer(NamedTuple):
    """The share at every layer of the language model; each field by layer."""

    share: dict[float, Interval]
    """Share of latents that two seeds share."""
    null: dict[float, float]
    """The largest share by chance."""


def shares_by_definition(base: BaseSeeds) -> dict[Definition, Interval]:
    """The share of the base setting under every definition, over pairs of seeds."""
    return {name: base.pairs.share(name, level=base.confidence) for name in DEFINITIONS}


def by_threshold(
    base: BaseSeeds,
    nulls: OtherNulls,
    thresholds: Sequence[float],
) -> ByThreshold:
    """The share of the first two seeds, and that by chance, against the threshold."""
    real = sweep(base.pair, thresholds)
    blank = {
        name: sweep(matching, thresholds, definitions=("same partner",)).share[0]
        for name, matching in nulls.matchings.items()
    }
    return ByThreshold(real, blank)


def shares_by_layer(base: BaseSeeds) -> ByLayer:
    """The base setting at every layer that the grid asks for."""
    layers = {"layer": base.grid.layers}
    found = {
        layer: pairs.share(level=base.confidence)
        for layer, pairs in matched(base, layers)["layer"].items()
    }
    return ByLayer(found, largest_nulls(base, layers)["layer"])


def control(base: BaseSeeds) -> dict[Kept, Interval]:
    """Share between trainings by what they have in common.

    Each of the first base SAEs beside a partner whose initialisation, batch order or
    data are the same (True) or others (False); intervals over seeds. (2501.16615
    changes the initialisation alone.)
    """
    width = float(len(base.saes[0].W_dec))
    found = {}
    for kept in base.grid.control:
        if not all(kept):
            shares = _with_partners(base, kept)
            trials = [width] * len(shares)
            found[kept] = share_over_seeds(shares, trials=trials, level=base.confidence)
    return found


def steered(base: BaseSeeds) -> Interval:
    """What the same initialisation adds to the share where order and data differ: with
    it minus without it, seed by seed.
    """
    same, other = (_with_partners(base, (init, False, False)) for init in (True, False))
    gains = [a - b for a, b in zip(same, other, strict=True)]
    return over_seeds(gains, level=base.confidence)


def _with_partners(base: BaseSeeds, kept: Kept) -> list[float]:
    recipes = base.grid.control[kept]
    partners = base.zoo.get_all(recipes)
    return [
        shared(one, partners[recipe], threshold=base.cosine).share()
        for one, recipe in zip(base.saes, recipes, strict=False)
    ]


def in_words(found: Mapping[Kept, Interval]) -> dict[str, Interval]:
    """`control` by words such as "init same order other data same"."""
    parts = ("init", "order", "data")
    return {
        " ".join(
            f"{part} {'same' if same else 'other'}"
            for part, same in zip(parts, kept, strict=True)
        ): share
        for kept, share in found.items()
    }
