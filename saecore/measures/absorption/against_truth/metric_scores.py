"""Metrics against the truth: of what a metric calls absorbed, how much is; and of what
is, how much it finds.

`outcomes` says how every case (row, active parent) really ended; a metric decides, or
scores, the cases that it looks at. Here the two are laid side by side and counted.
Chanin (2605.18229) holds SAEBench's metrics against synthetic truth SAE by SAE; a count
case by case we found nowhere.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from saecore.measures.absorption.true_outcomes import Outcomes
from saecore.measures.algebra.classifier_scores import auroc, midranks
from saecore.measures.algebra.intervals import Interval, share_over_seeds


class Checked(NamedTuple):
    """A metric's decisions beside the truth, counted over the cases that count."""

    hits: int
    """Cases that are decided and true."""
    said: int
    """Decided cases."""
    true: int
    """True cases."""
    n: int
    """All cases."""

    @property
    def precision(self) -> float:
        """Share of the decided cases that are true; nan if none is decided."""
        return _share(self.hits, self.said)

    @property
    def recall(self) -> float:
        """Share of the true cases that are decided; nan if none is true."""
        return _share(self.hits, self.true)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; nan if nothing is decided or true."""
        return _share(2 * self.hits, self.said + self.true)

    @property
    def base(self) -> float:
        """Share of true cases: the true rate, and the precision of decisions by lot."""
        return _share(self.true, self.n)

    @property
    def read(self) -> float:
        """Share of decided cases: the rate that the metric reads."""
        return _share(self.said, self.n)

    @property
    def false_alarms(self) -> float:
        """Share of the cases that are not true but decided."""
        return _share(self.said - self.hits, self.n - self.true)


class Ranked(NamedTuple):
    """A metric's scores beside the truth."""

    auroc: float
    """P(a true case scores above one that is not), ties half; 0.5 by chance; nan
    without both kinds.
    """
    average_precision: float
    """Area under precision against recall; the base rate by chance; nan without true
    cases.
    """
    n: int
    """Number of cases that count."""


class GradedScores(NamedTuple):
    """A metric's scores beside graded truth."""

    pearson: float
    """Linear correlation; nan where one of them does not vary."""
    spearman: float
    """Correlation of ranks."""
    read: float
    """Mean score."""
    true: float
    """Mean graded truth."""


def check_decisions(
    decided: Bool[Tensor, " case"],
    truth: Bool[Tensor, " case"],
    counted: Bool[Tensor, " case"] | None = None,
) -> Checked:
    """precision = |decided and true| / |decided|, recall = |decided and true| / |true|,
    over counted cases.

    Raises ValueError if the arrays are of different cases.
    """
    decided, truth = _counted(decided, truth, counted)
    return Checked(
        int((decided & truth).sum()), int(decided.sum()), int(truth.sum()), len(truth)
    )


def pooled(checks: Sequence[Checked]) -> Checked:
    """One check of all their cases together. Raises ValueError for none."""
    if not checks:
        raise ValueError(
            "pooling needs at least one check, got none: check a metric first"
        )
    return Checked(*(sum(column) for column in zip(*checks, strict=True)))


def rank(
    score: Float[Tensor, " case"],
    truth: Bool[Tensor, " case"],
    counted: Bool[Tensor, " case"] | None = None,
) -> Ranked:
    """AUROC and average precision of a score; no threshold is chosen.

    Raises ValueError if the arrays are of different cases, or a score is not finite.
    """
    from sklearn.metrics import average_precision_score

    score, truth = _counted(score, truth, counted)
    if not bool(score.isfinite().all()):
        raise ValueError(
            "scores must be finite to be ranked, got some that are not: leave those "
            "cases out"
        )
    if not truth.any():
        return Ranked(float("nan"), float("nan"), len(truth))
    precision = average_precision_score(truth.numpy(), score.double().numpy())
    return Ranked(float(auroc(score, truth)), float(precision), len(truth))


def grade(
    score: Float[Tensor, " case"],
    share: Float[Tensor, " case"],
    counted: Bool[Tensor, " case"] | None = None,
) -> GradedScores:
    """How a graded metric goes with the graded truth (`Outcomes.share`).

    Raises ValueError if the arrays are of different cases.
    """
    score, share = _counted(score, share, counted)
    return GradedScores(*correlations(score, share), _mean(score), _mean(share))


def correlations(a: Float[Tensor, " n"], b: Float[Tensor, " n"]) -> tuple[float, float]:
    """(Pearson, Spearman); nan for fewer than two numbers, or where one side does not
    vary.
    """
    if len(a) < 2 or not (a.max() > a.min() and b.max() > b.min()):
        return float("nan"), float("nan")
    plain = torch.stack([a.double(), b.double()])
    pearson, spearman = (torch.corrcoef(x)[0, 1] for x in (plain, midranks(plain)))
    return float(pearson), float(spearman)


def laid_on(
    found: Outcomes,
    row: Int[Tensor, " some"],
    parent: Int[Tensor, " some"],
    value: Shaped[Tensor, " some"],
) -> Shaped[Tensor, " case"]:
    """A metric's values on the cases of the truth: 0 (or False) for cases that the
    metric did not look at.

    A metric looks at true positives of its probe only, so what the probe misses counts
    against its recall. `parent` are positions in `found.parents`. Raises ValueError for
    a case whose parent is not active there.
    """
    width = len(found.parents)
    own, asked = found.row * width + found.parent, row * width + parent
    place = torch.searchsorted(own, asked).clamp(max=max(len(own) - 1, 0))
    if len(asked) and not (len(own) and bool((own[place] == asked).all())):
        raise ValueError(
            "a metric may only be asked about rows in which the parent is active, but "
            "some of these are not: "
            "give it the true labels"
        )
    out = value.new_zeros(len(own))
    out[place] = value
    return out


class OverSeeds(NamedTuple):
    """The same check over SAEs that differ in their seed: means with intervals inside
    [0, 1].
    """

    precision: Interval
    recall: Interval
    f1: Interval
    base: Interval
    read: Interval
    false_alarms: Interval
    seeds: int
    """How many SAEs there were."""


def checks_over_seeds(checks: Sequence[Checked], *, level: float) -> OverSeeds:
    """Means over seeds, each with its interval (`share_over_seeds`, at most as many
    trials as cases). A number that is nan for some seeds is averaged over the others,
    with no interval where fewer than two are left. Raises ValueError for fewer than two
    checks.
    """
    if len(checks) < 2:
        raise ValueError(
            f"an interval over seeds needs at least 2 seeds, got {len(checks)}: check "
            "more SAEs"
        )
    trials = {
        "precision": [one.said for one in checks],
        "recall": [one.true for one in checks],
        "f1": [one.said + one.true for one in checks],
        "base": [one.n for one in checks],
        "read": [one.n for one in checks],
        "false_alarms": [one.n - one.true for one in checks],
    }
    found = {
        name: _over([getattr(one, name) for one in checks], of, level)
        for name, of in trials.items()
    }
    return OverSeeds(**found, seeds=len(checks))


def _counted(a: Tensor, b: Tensor, counted: Tensor | None) -> tuple[Tensor, Tensor]:
    if len(a) != len(b) or (counted is not None and len(counted) != len(a)):
        sizes = [len(a), len(b)] + ([] if counted is None else [len(counted)])
        raise ValueError(
            f"a metric and the truth must be of the same cases, got {sizes}: use "
            "`laid_on`"
        )
    return (a, b) if counted is None else (a[counted], b[counted])


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _mean(values: Tensor) -> float:
    return float(values.double().mean()) if len(values) else float("nan")


def _over(values: Sequence[float], trials: Sequence[int], level: float) -> Interval:
    there = [(x, n) for x, n in zip(values, trials, strict=True) if x == x]
    if len(there) >= 2:
        shares, of = zip(*there, strict=True)
        return share_over_seeds(shares, trials=of, level=level)
    nan = float("nan")
    return Interval(there[0][0] if there else nan, nan, nan, nan, level)
