"""Convergence curves: seed shares, latents for letters and meta-SAEs against rows seen
in training, each point beside its null.

A claim that holds at the end of such a curve, and whose number still moves there, holds
of SAEs trained so far and of no others.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from saecore.claims.absorption.below.first_letter import (
    LetterRows,
    best_f1,
    letter_rows,
    over_saes,
    shuffled_letters,
)
from saecore.claims.convergence.grid import ConvergenceGrid, convergence_grid
from saecore.claims.non_atomicity import ladder
from saecore.claims.non_atomicity.meta_saes import meta_saes_of
from saecore.claims.seed_dependence.base import base_seeds, matched
from saecore.claims.seed_dependence.chance import largest_nulls
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.measures.algebra.intervals import Interval
from saecore.profiles import Profile
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim, mean
from saecore.zoo.store import Zoo


class CurvePoint(NamedTuple):
    """One setting after so many rows."""

    what: str
    """What is measured: "shared", "explained" or "letters"."""
    width: int
    """Latents of the SAEs."""
    rows: int
    """Rows seen in training."""
    unique: int
    """Unique rows among them, at most."""
    found: Interval | None
    """The number with its interval over seeds; None where it cannot be measured."""
    null: float | None
    """The strongest null, a mean over seeds or one draw."""
    fvu: float | None
    """Fraction of variance unexplained, the mean over seeds."""
    silent: float | None
    """Share of latents that do not fire at the end of training, the mean over seeds."""

    def row(self) -> dict[str, Any]:
        """As a row of a table, or of a JSON file."""
        value, low, high = self.found.triple if self.found else (None, None, None)
        own = {"what": self.what, "width": self.width, "rows": self.rows}
        own |= {"unique rows": self.unique, "value": value, "low": low, "high": high}
        return own | {"null": self.null, "fvu": self.fvu, "silent": self.silent}


def curve_points(zoo: Zoo, profile: Profile) -> Iterator[list[CurvePoint]]:
    """The points of the profile's curves, one measure after another, the cheapest
    first; none for a profile without curves. Trains what the zoo lacks.
    """
    if not profile.curve:
        return
    claim = Claim.read("non_atomicity")
    grid = convergence_grid(profile, claim)
    zoo.make(grid.recipes())
    yield shared_points(zoo, profile, grid)
    yield explained_points(zoo, profile, claim, grid)
    if profile.in_context:
        yield letter_points(letter_rows(profile), zoo, grid)


def shared_points(
    zoo: Zoo, profile: Profile, grid: ConvergenceGrid
) -> list[CurvePoint]:
    """The share of two seeds by width and rows, and on less text, by the claim's
    rule.
    """
    base = base_seeds(zoo, model_seeds(profile), Claim.read("seed_dependence"))
    sweeps = {str(width): by_rows for width, by_rows in grid.shares.items()}
    sweeps["less text"] = grid.less_text
    pairs, nulls = matched(base, sweeps), largest_nulls(base, sweeps)
    points = []
    for name, settings in sweeps.items():
        for at, recipes in settings.items():
            share = pairs[name][at].share(level=base.confidence)
            null = nulls[name][at]
            points.append(_point(zoo, "shared", recipes, share, null))
    return points


def explained_points(
    zoo: Zoo, profile: Profile, claim: Claim, grid: ConvergenceGrid
) -> list[CurvePoint]:
    """Variance of held-out decoder rows that meta-SAEs explain, beside the stronger of
    the claim's nulls.
    """
    found = meta_saes_of(zoo, profile, claim, _every_meta(grid))
    points = []
    for rows, metas in grid.metas.items():
        nulls = {name: by_rows[rows] for name, by_rows in grid.nulls.items()}
        one = ladder.rung(found, metas, nulls)
        saes = [meta.sae for meta in metas]
        null = mean(one.nulls[one.strongest])
        points.append(
            _point(zoo, "explained", saes, found.over_few(one.explained), null)
        )
    return points


def letter_points(
    letters: LetterRows, zoo: Zoo, grid: ConvergenceGrid
) -> list[CurvePoint]:
    """F1 of the best latents of letters, beside that of words whose letters are
    shuffled.
    """
    points, mixed = [], shuffled_letters(letters)
    for recipes in grid.words.values():
        saes = list(zoo.get_all(recipes).values())
        found = over_saes(best_f1(letters, saes), letters.rule)
        null = mean(best_f1(mixed, saes))
        points.append(_point(zoo, "letters", recipes, found, null))
    return points


def _every_meta(grid: ConvergenceGrid) -> list[Any]:
    every: list[Mapping[int, Sequence[Any]]] = [grid.metas, *grid.nulls.values()]
    return [one for by_rows in every for some in by_rows.values() for one in some]


def _point(
    zoo: Zoo,
    what: str,
    recipes: Sequence[SAERecipe],
    found: Interval | None,
    null: float | None,
) -> CurvePoint:
    saes, first = zoo.get_all(recipes), recipes[0]
    logs = [saes[one].log for one in recipes]
    unique = first.site.count
    rows = len(zoo.get(first.site)) if unique is None else unique
    return CurvePoint(
        what,
        first.width,
        first.rows,
        min(rows, first.rows),
        found,
        null,
        _over(logs, "fvu"),
        _over(logs, "silent"),
    )


def _over(logs: Sequence[Mapping[str, Any]], name: str) -> float | None:
    """The mean over seeds of what training noted; None where it did not."""
    known = [log[name] for log in logs if name in log]
    return mean(known) if known else None
