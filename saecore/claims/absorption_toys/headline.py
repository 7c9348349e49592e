"""What the claim is judged by: gaps without and with a hierarchy, and the distance of
the trained shares from the closed form.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple, get_args

from saecore.claims.absorption_toys.grid import ToyGrid, toy_grid
from saecore.claims.absorption_toys.runs import Run, runs
from saecore.measures.absorption import closed_form
from saecore.measures.absorption.closed_form import Form
from saecore.measures.algebra.intervals import (
    Interval,
    over_seeds,
    share_over_seeds,
)
from saecore.profiles import Profile
from saecore.report import Claim, mean
from saecore.source.worlds.toys import IMPERFECT
from saecore.zoo.store import Zoo

Number = tuple[float, float, float] | None
TRAINED_FORM: Form = "bias"
"""The form of the objective that is trained: norms, and an encoder with a bias."""


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

    def sound(self) -> list[int]:
        """Places of the seeds that are stuck at no penalty."""
        seeds = zip(*self.runs.values(), strict=True)
        ends = [[run.signature.outcome for run in seed] for seed in seeds]
        return [place for place, end in enumerate(ends) if "stuck" not in end]

    def unabsorbed(self) -> float:
        """What the distance would be if nothing were absorbed: the mean optimum."""
        return mean(self.optimum[TRAINED_FORM].values())

    def numbers(self, *, level: float) -> dict[str, Number]:
        """Over sound seeds: the distance from the optimum of the objective that was
        trained, and how much nearer that is than no absorption.
        """
        apart = [self.distance[TRAINED_FORM][seed] for seed in self.sound()]
        if len(apart) < 2:
            return {"delta_error": None, "delta_gain": None}
        gain = [self.unabsorbed() - one for one in apart]
        return {
            "delta_error": over_seeds(apart, level=level).triple,
            "delta_gain": over_seeds(gain, level=level).triple,
        }

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
    numbers: dict[str, dict[str, Number]]
    """By subject ("world"), the numbers that the claim's rule asks for; None for what
    no sound seed can say.
    """


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Absorption in worlds of four features: the numbers of the claim, and their runs.

    All seeds count, whatever a run ended in, but for the two numbers of the closed
    form. `claim` is that of book/claims.toml unless another is given.
    """
    claim = claim or Claim.read("absorption_toys")
    level = claim.constants["confidence"]
    grid = toy_grid(world_seed=profile.world_seed)
    experiments = runs(zoo, grid.experiments)
    gaps = {name: [run.gap() for run in group] for name, group in experiments.items()}
    gap = {name: gap_over_seeds(values, level=level) for name, values in gaps.items()}
    least = claim.constants["least_child"]
    graded = against_optimum(runs(zoo, grid.graded), least=least)
    ends = [run.signature.outcome for run in experiments["hierarchy"]]
    arrived = share_over_seeds([float(end == "absorbed") for end in ends], level=level)
    numbers: dict[str, Number] = {
        "gap_independent": gap["independent"].triple,
        "gap_hierarchy": gap["hierarchy"].triple,
        "gap_excess": gap_excess(gaps["hierarchy"], gaps["independent"], level).triple,
        "arrived": arrived.triple,
        "gap_paper": gap["hierarchy, as the paper trains"].triple,
        "gap_batchtopk": gap["BatchTopK"].triple,
        "batchtopk_excess": gap_excess(
            gaps["BatchTopK"], gaps["BatchTopK, independent"], level
        ).triple,
    }
    numbers |= graded.numbers(level=level)
    return Study(claim, grid, experiments, gaps, gap, graded, {"world": numbers})


def gap_over_seeds(gaps: Sequence[float], *, level: float) -> Interval:
    """The mean gap over seeds as a share of runs: inside [0, 1], never of zero width. A
    gap below zero, which is no absorption, counts as zero.
    """
    return share_over_seeds([max(gap, 0.0) for gap in gaps], level=level)


def gap_excess(
    gaps: Sequence[float], others: Sequence[float], level: float
) -> Interval:
    """Mean difference of two gaps, seed by seed, from -1 to 1; never of zero width.

    The difference d lies in [-1, 1], so (1 + d) / 2 is a share, whose interval is taken
    back.
    """
    pairs = zip(gaps, others, strict=True)
    shares = [(1 + max(one, 0.0) - max(other, 0.0)) / 2 for one, other in pairs]
    found = share_over_seeds(shares, level=level)
    estimate, low, high = (2 * x - 1 for x in found.triple)
    return Interval(estimate, low, high, 2 * found.standard_error, level)


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
