"""What SAEs need to exchange a name beside previous decompositions, pair by pair."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.algebra.intervals import Interval, crossed, over_seeds
from saecore.measures.editing.by_pair import PairCounts, PairSets, counts
from saecore.measures.editing.patching import Exchange
from saecore.report import interval_columns

BASES = ("PCA", "ICA", "coordinates", "MLP neurons")
"""Decompositions that SAEs are compared with; a model may lack its neurons."""


class ComparedCounts(NamedTuple):
    """What each dictionary takes for each pair, in one order."""

    saes: list[PairCounts]
    """One per seed."""
    bases: dict[str, PairCounts]
    """By name."""
    reached: dict[str, float]
    """Share of the pairs that a dictionary brings halfway with all its latents; the
    SAEs' mean first.
    """


class Savings(NamedTuple):
    """One measure: the SAEs, the basis that needs least, and the difference."""

    saes: Interval
    """Mean over seeds and pairs."""
    basis: Interval
    """Mean over pairs."""
    saved: Interval
    """Basis minus SAE, pair by pair."""
    best: str
    """The basis."""


def compared_counts(
    saes: Sequence[Exchange],
    bases: Mapping[str, Exchange],
    target: Float[Tensor, "pair pos d_model"],
    find: Callable[[Exchange], PairSets],
) -> ComparedCounts:
    """Sets for every pair and dictionary, as `find` makes them."""
    of_saes = [find(one) for one in saes]
    of_bases = {name: find(one) for name, one in bases.items()}
    shares = [float(sets.reached.double().mean()) for sets in of_saes]
    reached = {"SAE": sum(shares) / len(shares)}
    reached |= {n: float(s.reached.double().mean()) for n, s in of_bases.items()}
    pairs = zip(saes, of_saes, strict=True)
    return ComparedCounts(
        [counts(one, sets, target) for one, sets in pairs],
        {name: counts(bases[name], sets, target) for name, sets in of_bases.items()},
        reached,
    )


def savings(found: ComparedCounts, measure: str, *, level: float) -> Savings:
    """What the SAEs need less than the best basis, over seeds and pairs.

    `measure` is a field of `PairCounts`. The best is the basis of the least mean.
    """
    sae = torch.stack([getattr(one, measure) for one in found.saes])
    bases = {name: getattr(one, measure) for name, one in found.bases.items()}
    best = min(bases, key=lambda name: float(bases[name].mean()))
    return Savings(
        crossed(sae, level=level),
        over_seeds(bases[best].tolist(), level=level),
        crossed(bases[best] - sae, level=level),
        best,
    )


def fewer(found: ComparedCounts, measure: str, *, level: float) -> Interval:
    """Share of the pairs in which an SAE needs less than the best basis (ties count
    half), over seeds and pairs: where it never gets there it needs more, at whatever
    price that is entered.
    """
    best = getattr(found.bases[savings(found, measure, level=level).best], measure)
    sae = torch.stack([getattr(one, measure) for one in found.saes])
    share = crossed((sae < best).double() + 0.5 * (sae == best).double(), level=level)
    return share._replace(low=max(share.low, 0.0), high=min(share.high, 1.0))


def compared_rows(found: Mapping[str, ComparedCounts], *, level: float) -> list[dict]:
    """A row per order and dictionary: means over pairs (and seeds)."""
    return [
        {"order": order, "dictionary": name, "pairs halfway": one.reached[name]}
        | _means(table, level)
        for order, one in found.items()
        for name, table in _tables(one).items()
    ]


def _tables(found: ComparedCounts) -> dict[str, list[PairCounts]]:
    return {"SAE": found.saes} | {name: [one] for name, one in found.bases.items()}


def _means(table: Sequence[PairCounts], level: float) -> dict[str, Any]:
    latents, numbers, size = (
        torch.stack([getattr(one, field) for one in table])
        for field in PairCounts._fields
    )
    row: dict[str, Any] = {"latents, median": float(latents.median())}
    row |= interval_columns(mean_over(latents, level), "latents")
    row |= {"activations": float(numbers.mean())}
    return row | interval_columns(mean_over(size, level), "length", prefix="edit:")


def mean_over(table: Float[Tensor, "seed pair"], level: float) -> Interval:
    """The mean over seeds and pairs; over pairs where there is one seed."""
    if len(table) == 1:
        return over_seeds(table[0].tolist(), level=level)
    return crossed(table, level=level)
