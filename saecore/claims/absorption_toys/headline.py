"""What the claim is judged by: gaps without and with a hierarchy, and the distance of
the trained shares from the closed form.
"""

from statistics import median
from typing import NamedTuple, get_args

from saecore.claims.absorption_toys.grid import ToyGrid, toy_grid
from saecore.claims.absorption_toys.runs import Run, runs
from saecore.measures.absorption import closed_form
from saecore.measures.absorption.closed_form import Form
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.source.worlds.toys import IMPERFECT
from saecore.zoo.store import Zoo


class SharesByPenalty(NamedTuple):
    """The imperfect hierarchy by penalty: the child's decoder against the optimum."""

    runs: dict[float, list[Run]]
    """By penalty, a run per seed."""
    delta: dict[float, list[float]]
    """Share of the parent in the decoder of the child's latent, per seed; nan without
    such a latent.
    """
    optimum: dict[Form, dict[float, float]]
    """By form of the objective, then by penalty: the delta that minimises it."""
    distance: dict[Form, list[float]]
    """By form, per seed: mean over penalties of |delta - optimum|, nan counted as 0."""

    def medians(self) -> dict[float, float]:
        """By penalty: median over the seeds whose child has a latent."""
        told = {p: [x for x in xs if x == x] for p, xs in self.delta.items()}
        return {penalty: median(values) for penalty, values in told.items()}


class Study(NamedTuple):
    """The toys by which the claim is judged."""

    claim: Claim
    grid: ToyGrid
    experiments: dict[str, list[Run]]
    """The paper's settings, a run per seed."""
    gaps: dict[str, list[float]]
    """Their absorption gaps, one per seed."""
    gap: dict[str, Interval]
    """Mean over seeds with its interval."""
    graded: SharesByPenalty
    delta_error: Interval
    """Distance of the trained shares from the plain optimum: mean over seeds."""
    numbers: dict[str, dict[str, tuple[float, float, float]]]
    """By subject ("world"), the numbers that the claim's rule asks for."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Absorption in worlds of four features: the numbers of the claim, and their runs.

    All seeds count, whatever a run ended in. `claim` is that of book/claims.toml unless
    given.
    """
    claim = claim or Claim.read("absorption_toys")
    level = claim.constants["confidence"]
    grid = toy_grid(world_seed=profile.world_seed)
    experiments = runs(zoo, grid.experiments)
    gaps = {name: [run.gap() for run in group] for name, group in experiments.items()}
    gap = {name: over_seeds(values, level=level) for name, values in gaps.items()}
    graded = against_optimum(
        runs(zoo, grid.graded), least=claim.constants["least_child"]
    )
    delta_error = over_seeds(graded.distance["plain"], level=level)
    numbers = {
        "gap_independent": gap["independent"].triple,
        "gap_hierarchy": gap["hierarchy"].triple,
        "gap_batchtopk": gap["BatchTopK"].triple,
        "delta_error": delta_error.triple,
    }
    by_subject = {"world": numbers}
    return Study(claim, grid, experiments, gaps, gap, graded, delta_error, by_subject)


def against_optimum(
    trained: dict[float, list[Run]], *, least: float
) -> SharesByPenalty:
    """The share that a trained child's decoder has of the parent, beside the optimum.

    For seed s the distance is mean over penalties of |delta_s(penalty) -
    delta*(penalty)|. A child has a latent if the decoder's cosine with it is above
    `least`; without one its share counts as 0.
    """
    delta = {
        penalty: [run.signature.decoder_delta(least=least) for run in group]
        for penalty, group in trained.items()
    }
    optimum = {form: _best(list(trained), form) for form in get_args(Form)}
    distance = {
        form: [_distance(shares, best) for shares in zip(*delta.values(), strict=True)]
        for form, best in optimum.items()
    }
    return SharesByPenalty(trained, delta, optimum, distance)


def _best(penalties: list[float], form: Form) -> dict[float, float]:
    rates = {"p11": IMPERFECT.p11, "p01": IMPERFECT.p01}
    return {x: closed_form.best_delta(**rates, penalty=x, form=form) for x in penalties}


def _distance(shares: tuple[float, ...], best: dict[float, float]) -> float:
    told = [share if share == share else 0.0 for share in shares]
    apart = [abs(a - b) for a, b in zip(told, best.values(), strict=True)]
    return sum(apart) / len(apart)
