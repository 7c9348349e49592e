"""Can a label be read off rows by a linear probe? Always judged on rows that the probe has not seen."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from saecore.shapes import Rows


class Probed(NamedTuple):
    """A linear probe's decisions, each made by a probe that was fitted without that row."""

    accuracy: float  # share of rows whose label was told
    baseline: float  # share of the commonest label
    right: Bool[ndarray, "row"]  # per row


def cross_fitted(x: Rows, labels: Sequence[str], *, folds: int = 4, shrinkage: float = 0.05) -> Probed:
    """Accuracy of linear discriminant analysis, cross-fitted: with `folds` parts, each judged by the others.

    One row per word makes it cross-fitted *by word*: no word is both learnt and judged, so a probe cannot
    score by remembering words. Covariances are shrunk by `shrinkage` towards a multiple of the identity.
    Raises ValueError for fewer rows of some label than folds, or unequal numbers of rows and labels.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import StratifiedKFold

    if len(x) != len(labels):
        raise ValueError(f"every row needs one label, got {len(x)} rows and {len(labels)} labels; align them")
    counts = Counter(labels)
    if len(counts) < 2 or min(counts.values()) < folds:
        raise ValueError(
            f"a probe cross-fitted in {folds} parts needs two labels with at least {folds} rows each, "
            f"got {dict(counts.most_common()[-3:])} as the rarest; drop the rare labels"
        )
    rows, names = x.double().cpu().numpy(), np.asarray(list(labels))
    rows = (rows - rows.mean(0)) / np.maximum(rows.std(0), 1e-12)
    right = np.zeros(len(names), dtype=bool)
    for seen, held in StratifiedKFold(folds, shuffle=True, random_state=0).split(rows, names):
        probe = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(rows[seen], names[seen])
        right[held] = probe.predict(rows[held]) == names[held]
    return Probed(float(right.mean()), max(counts.values()) / len(names), right)
