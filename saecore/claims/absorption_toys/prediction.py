"""How much of a parent is absorbed, beside the closed forms: one hierarchy, or many."""

from statistics import median
from typing import Any, NamedTuple

from saecore.claims.absorption_toys.grid import co_occurring, toy_grid
from saecore.claims.absorption_toys.headline import SharesByPenalty
from saecore.claims.absorption_toys.runs import Run, runs
from saecore.measures.absorption import closed_form
from saecore.profiles import Profile
from saecore.report import mean
from saecore.source.worlds.toys import IMPERFECT
from saecore.zoo.store import Zoo

Cell = tuple[float, float]
"""A share of firings, and a penalty."""
NEAR_OPTIMUM = 0.1
"""Distance from the closed form within which a cell counts as predicted."""


class Predicted(NamedTuple):
    """The imperfect hierarchy against three optima."""

    rows: list[dict[str, Any]]
    """By penalty: median delta, stuck seeds, and the optimum by each form."""
    sound: list[int]
    """Seeds that are stuck at no penalty."""
    apart: dict[str, float]
    """By form: mean distance from the optimum over these seeds; 0 of none."""
    curves: dict[str, list[float]]
    """By form: the optimum along `penalties`."""


class Phases(NamedTuple):
    """Two maps of the absorbed share; a cell is the median over its seeds."""

    alone: dict[Cell, float]
    """By the share of the child's firings without its parent, and the penalty."""
    given: dict[Cell, float]
    """Perfect hierarchies, by the share of the parent's firings with its child."""
    optimum: dict[Cell, float]
    """Closed form (norms and bias) for `alone`; it is 1 for all of `given`."""

    def near(self) -> dict[str, tuple[int, int]]:
        """Per map: cells within 0.1 of the closed form, and all cells."""
        apart = {
            "alone": [abs(x - self.optimum[cell]) for cell, x in self.alone.items()],
            "given": [abs(x - 1) for x in self.given.values()],
        }
        return {
            name: (sum(x < NEAR_OPTIMUM for x in values), len(values))
            for name, values in apart.items()
        }

    def rows(self) -> list[dict[str, Any]]:
        """A row per cell of both maps, with the closed form beside it."""
        found = []
        for name, cells in (("alone", self.alone), ("given", self.given)):
            for (share, penalty), delta in cells.items():
                row = {"map": name, "share": share, "penalty": penalty, "delta": delta}
                best = self.optimum[share, penalty] if name == "alone" else 1.0
                found.append(row | {"closed form": best})
        return found


def beside_optimum(graded: SharesByPenalty, penalties: list[float]) -> Predicted:
    """Medians and optima by penalty, the seeds that never got stuck, and curves."""
    stuck = {
        penalty: sum(run.signature.outcome == "stuck" for run in group)
        for penalty, group in graded.runs.items()
    }
    medians = graded.medians()
    rows = [
        {"penalty": penalty, "median of the seeds": medians[penalty]}
        | {"seeds stuck": stuck[penalty]}
        | {f"optimum, {form}": best[penalty] for form, best in graded.optimum.items()}
        for penalty in graded.runs
    ]
    sound = graded.sound()
    apart = {
        form: mean(values[seed] for seed in sound) if sound else 0.0
        for form, values in graded.distance.items()
    }
    rates = {"p11": IMPERFECT.p11, "p01": IMPERFECT.p01}
    curves = {
        str(form): [
            closed_form.best_delta(**rates, penalty=x, form=form) for x in penalties
        ]
        for form in graded.optimum
    }
    return Predicted(rows, sound, apart, curves)


def share_rows(graded: SharesByPenalty) -> list[dict[str, Any]]:
    """A row per trained SAE of the imperfect hierarchy: delta, and how it ended."""
    return [
        {"penalty": penalty, "seed": seed, "delta": delta}
        | {"outcome": run.signature.outcome}
        for penalty, group in graded.runs.items()
        for seed, (run, delta) in enumerate(
            zip(group, graded.delta[penalty], strict=True)
        )
    ]


def phases(zoo: Zoo, profile: Profile) -> Phases:
    """Where absorption sets in, over hierarchies that are more or less perfect."""
    grid = toy_grid(world_seed=profile.world_seed)
    alone, given = (
        {cell: _level(group) for cell, group in runs(zoo, settings).items()}
        for settings in (grid.alone, grid.given)
    )
    return Phases(alone, given, {cell: _optimum(*cell) for cell in alone})


def _level(group: list[Run]) -> float:
    """Median over seeds of the share that the parent's latent gives up, cut to
    [0, 1].
    """
    return median(min(max(run.signature.delta, 0.0), 1.0) for run in group)


def _optimum(alone: float, penalty: float) -> float:
    toy = co_occurring(alone)
    return closed_form.best_delta(
        p11=toy.p11, p01=toy.p01, penalty=penalty, form="bias"
    )
