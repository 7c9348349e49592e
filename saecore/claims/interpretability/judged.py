"""The numbers that decide the claim: mean scores, and differences on the same texts."""

from collections.abc import Mapping, Sequence

from saecore.claims.interpretability.compared import STRONGEST, AllExplained, ByName
from saecore.measures.algebra.intervals import Interval
from saecore.measures.explaining.interpretability import Autointerp
from saecore.measures.explaining.leads import (
    Scored,
    mean_lead,
    mean_of,
    paired_lead,
    share,
)

LeadNumbers = dict[str, tuple[float, float, float]]


def scores_and_leads(found: AllExplained, *, level: float) -> LeadNumbers:
    """What `Claim.judge` asks for. Of several others the best counts, the one with the
    smallest difference.
    """
    base, tied = comparable(found.base), comparable(found.tied)
    against: dict[str, tuple[list[Scored], ByName]] = {
        "bases": (base, _parted(found.bases, strongest=False)),
        "bases_sparse": (base, _parted(found.sparse, strongest=False)),
        "ica": (base, _parted(found.bases, strongest=True)),
        "ica_sparse": (base, _parted(found.sparse, strongest=True)),
        "tied": (tied, found.bases),
        "tied_sparse": (tied, found.sparse_as_tied),
        "untrained": (base, {"untrained": found.untrained}),
        "frozen": (base, found.frozen),
        "lookup": (base, found.tokens),
    }
    best = {f"score_{n}": best_mean(of, level=level) for n, (_, of) in against.items()}
    leads = {
        f"lead_{name}": least_lead(ours, others, level=level)
        for name, (ours, others) in against.items()
    }
    own = {
        "score": mean_of(base, level=level),
        "score_tied": mean_of(tied, level=level),
        "score_others": best["score_tied"],
        "score_neighbour": mean_of(found.neighbours, level=level),
        "lead_neighbour": paired_lead(base, found.neighbours, level=level),
    }
    return {name: one.triple for name, one in (best | leads | own).items()}


def least_lead(
    ours: Sequence[Scored], others: Mapping[str, list[Autointerp]], *, level: float
) -> Interval:
    """The smallest of the differences from several kinds of dictionaries."""
    every = [mean_lead(ours, comparable(of), level=level) for of in others.values()]
    return min(every, key=lambda one: one.estimate)


def best_mean(others: Mapping[str, list[Autointerp]], *, level: float) -> Interval:
    """The largest mean score of several kinds of dictionaries."""
    every = [mean_of(comparable(of), level=level) for of in others.values()]
    return max(every, key=lambda one: one.estimate)


def shares_reached(found: AllExplained, *, level: float) -> dict[str, Interval]:
    """Which share of the base's score each control reaches, by its name."""
    controls = {"untrained": found.untrained} | found.frozen | found.tokens
    base = comparable(found.base)
    return {
        name: share(base, comparable(of), level=level) for name, of in controls.items()
    }


def comparable(several: Sequence[Autointerp]) -> list[Scored]:
    """What comparisons need of some explained dictionaries."""
    return [one.scored for one in several]


def _parted(of: ByName, *, strongest: bool) -> ByName:
    """Independent components, which the claim names on their own, or the rest."""
    return {n: one for n, one in of.items() if (n == STRONGEST) == strongest}
