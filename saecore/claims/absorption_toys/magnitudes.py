"""A child that is weaker or stronger than its parent: the closed form, and training."""

from statistics import median
from typing import Any

from saecore.claims.absorption_toys.grid import SEEDS, toy_grid
from saecore.claims.absorption_toys.headline import gap_over_seeds
from saecore.claims.absorption_toys.runs import Run, runs
from saecore.measures.absorption.closed_form import weighted_l1
from saecore.profiles import Profile
from saecore.report import interval_columns
from saecore.source.worlds.toys import HIERARCHY, Toy
from saecore.zoo.store import Zoo

MOSTLY = 0.5
"""Share of its activation from which the parent's latent counts as mostly absorbed."""


def magnitude_rows(zoo: Zoo, profile: Profile, *, level: float) -> list[dict[str, Any]]:
    """A row per magnitude of the child (its parent has 1): what full absorption saves
    of the trained penalty by the closed form, and what the seeds did.
    """
    grid = toy_grid(world_seed=profile.world_seed)
    equal = {1.0: grid.experiments["hierarchy"][:SEEDS]}
    found = runs(zoo, dict(sorted((grid.magnitudes | equal).items())))
    gaps = {
        child: gap_over_seeds([run.gap() for run in group], level=level)
        for child, group in found.items()
    }
    return [
        {
            "child's magnitude": child,
            "saved by the closed form": saved_by_absorption(child),
        }
        | _shares(group)
        | interval_columns(gaps[child], "gap")
        for child, group in found.items()
    ]


def saved_by_absorption(child: float, toy: Toy = HIERARCHY) -> float:
    """Share of the norm-weighted penalty of the pair that full absorption saves."""
    rates = {"p11": toy.p11, "p10": toy.p10, "child": child}
    nothing = toy.p11 * (1 + child) + toy.p10
    return float((nothing - weighted_l1(1.0, **rates)) / nothing)


def _shares(group: list[Run]) -> dict[str, Any]:
    deltas = [run.signature.delta for run in group]
    told = [delta for delta in deltas if delta == delta]
    return {
        "seeds": len(group),
        f"delta of {MOSTLY:g} or more": sum(delta >= MOSTLY for delta in told),
        "median delta": median(told) if told else None,
    }
