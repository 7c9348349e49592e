"""The card's shares of novel latents at other false discovery rates."""

from collections.abc import Mapping, Sequence

from saecore.claims.incompleteness.between_seeds import Tables, tables
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.verdict_numbers import (
    Small,
    put_into,
    rule_intervals,
    share_of,
    smaller,
)
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.stitching.insertion import Insertions
from saecore.report import RuleMoved, SliderAxis

MOVED_RATES = (0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5)
"""Where the rate goes."""
RATE_SAYS = "false discovery rate of “novel”"
OfPairs = Mapping[tuple[int, int], list[list[Insertions]]]
"""By pair of seeds, what `put_into` found."""


def moved_rate(held: HeldOut, rates: Sequence[float] = MOVED_RATES) -> RuleMoved:
    """The shares of novel latents and of their controls, and what the former exceed
    the latter by, at each rate. Every latent is inserted once.
    """
    kind, u, v = held.base
    narrow, wide = held.seeds(kind, u), held.seeds(kind, v)
    small = [smaller(held, one) for one in narrow]
    wider, control = _inserted(held, small, wide), _inserted(held, small, narrow)
    book = held.rule["false_discovery_rate"]
    values, points = sorted({*rates, book}), []
    for rate in values:
        at = held._replace(rule=held.rule.moved(false_discovery_rate=rate))
        sizes = len(narrow), len(wide)
        found = {
            **_tables(at, sizes, wider, ("novel", "refit_novel")),
            **_tables(at, sizes, control, ("novel_control", "refit_control")),
        }
        numbers = rule_intervals(at, found, trials=v)
        points.append({name: one.triple for name, one in numbers.items()})
    return RuleMoved([SliderAxis(RATE_SAYS, values, book)], points, ["novel", "refit"])


def _inserted(
    held: HeldOut, small: Sequence[Small], others: Sequence[Encoded]
) -> OfPairs:
    """All latents of one SAE put into another, for every two different seeds."""
    seeds = range(min(len(small), len(others)))
    return {
        (s, t): put_into(held, small[s], others[t])
        for s in seeds
        for t in seeds
        if s != t
    }


def _tables(
    held: HeldOut, sizes: tuple[int, int], found: OfPairs, names: tuple[str, str]
) -> Tables:
    """The shares of a pair, as it is and refit."""
    return tables(
        *sizes,
        lambda s, t: {
            name: share_of(held, effects)
            for name, effects in zip(names, found[s, t], strict=True)
        },
    )
