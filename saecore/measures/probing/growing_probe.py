"""One label's k-sparse probes, k after k, until one more latent tells too little."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy import ndarray

from saecore.measures.algebra.classifier_scores import agreement
from saecore.measures.algebra.l1_logistic import gathered
from saecore.measures.algebra.logistic import logistic

if TYPE_CHECKING:
    from scipy.sparse import csc_array


class GrowingProbe:
    """The k-sparse probes of one label, k after k, in all folds at once.

    `x` [row, latent] are activations, `y` [row] the label, `latent` [fold, rank] the
    latents of each fold's ranking (-1 where it has no more), `taught` [fold, row] the
    rows that teach each fold, `judged_by` [row] the fold that judges each row.
    """

    def __init__(
        self,
        x: "csc_array",
        y: ndarray,
        latent: ndarray,
        taught: ndarray,
        judged_by: ndarray,
    ) -> None:
        self.x, self.y, self.latent = x, y, latent
        self.taught, self.judged_by = taught, judged_by
        self.seen = ~taught.all(0) if len(taught) > 1 else ~taught[0]
        self.available = (latent >= 0).sum(1)
        rows, positive = taught.sum(1), (taught & y).sum(1)
        self.importance = rows / 2 / positive, rows / 2 / (rows - positive)
        self.coefficient = np.zeros((len(latent), 1))

    def grown(
        self, max_k: int, jump: float, whole_curve: bool
    ) -> tuple[int, ndarray, ndarray]:
        """Size by the rule, F1 for each k, and the decisions of the probes of that
        size.
        """
        f1, size, best, growing = np.full(max_k, np.nan), 0, -100.0, True
        chosen = said = np.zeros(len(self.y), dtype=bool)
        for k in range(1, max_k + 1):
            if (self.available >= k).any():
                said = self.decisions(k)
                f1[k - 1] = self.f1(said)
            elif k > 1 or self.available.max() == 0:
                f1[k - 1] = f1[k - 2] if k > 1 else 0.0
                if size == 0:
                    growing = False
            growing = growing and f1[k - 1] > best + jump
            if growing:
                best, size, chosen = f1[k - 1], k, said
            elif not whole_curve:
                break
        return size, f1, chosen

    def f1(self, said: ndarray) -> float:
        """F1 of the decisions about judged rows."""
        told, known = (torch.from_numpy(x[self.seen]) for x in (said, self.y))
        return float(agreement(told, known).f1)

    def decisions(self, k: int) -> ndarray:
        """Balanced logistic regressions on the first k latents of each fold; rows
        without any are one row.
        """
        columns = np.stack([gathered(self.x, latent[:k]) for latent in self.latent])
        rows = np.flatnonzero((columns != 0).any((0, 2)))
        silent = np.ones(len(self.y), dtype=bool)
        silent[rows] = False
        with_label, without = self.taught & self.y, self.taught & ~self.y
        few = np.pad(columns[:, rows], ((0, 0), (0, 1), (0, 0)))
        positive, negative = (
            np.column_stack([taught[:, rows], taught[:, silent].sum(1)])
            * importance[:, None]
            for taught, importance in zip(
                (with_label, without), self.importance, strict=True
            )
        )
        start = np.insert(self.coefficient, self.coefficient.shape[1] - 1, 0.0, axis=1)
        self.coefficient = logistic(few, positive, negative, l2=1.0, start=start)
        logit = (
            np.matmul(few, self.coefficient[:, :-1, None])[:, :, 0]
            + self.coefficient[:, -1:]
        )
        said = np.repeat(logit[:, -1:] > 0, len(self.y), 1)
        said[:, rows] = logit[:, :-1] > 0
        return said[self.judged_by, np.arange(len(self.y))]
