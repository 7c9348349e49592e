"""k-sparse probes: how many latents does it take to tell a label, and which? Feature
splitting by F1.
"""

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

from saecore.measures.algebra.l1_logistic import (
    L1Probes,
    columns_of,
    gathered,
    l1_probes,
)
from saecore.measures.algebra.logistic import logistic
from saecore.measures.algebra.nearest import Nearest, nearest, unit_rows
from saecore.measures.probing.linear import judged
from saecore.sparse import Active

if TYPE_CHECKING:
    from scipy.sparse import csc_array

# 2409.14507 A.11: one more latent must raise F1 by more than this; 0.01 to 0.05 said to
# work
F1_JUMP = 0.03
PENALTY = (
    0.01  # 2409.14507, code k_sparse_probing.py, and SAEBench: weight of the L1 norm
)
MAX_K = 10  # SAEBench; the paper looks at up to 15


class SparseProbes(NamedTuple):
    """k-sparse probes of every label, scored on rows they have not seen. The first
    `size` latents of `order` are the label's main latents: the split set of the
    paper."""

    order: Int[
        Tensor, "label rank"
    ]  # latents of the ranking probe, first come first; -1 where it has no more
    weight: Float[Tensor, "label rank"]  # their weights in the ranking probe
    size: Int[
        Tensor, " label"
    ]  # number of main latents: what SAEBench reports as splits; 0 if none is ranked
    f1: Float[
        Tensor, "label rank"
    ]  # F1 with 1, 2, ... latents; nan after the rule has stopped
    precision: Float[Tensor, " label"]  # with the main latents
    recall: Float[Tensor, " label"]  # with the main latents
    decision: Bool[
        Tensor, "row label"
    ]  # whether the probe on the main latents says the row has the label

    @property
    def splits(self) -> Int[Tensor, " label"]:
        """Number of splits as sae-spelling counts them: main latents - 1."""
        return (self.size - 1).clamp_min(0)

    @property
    def main_f1(self) -> Float[Tensor, " label"]:
        """F1 of the probe on the main latents; 0 where there are none."""
        at = self.f1.gather(1, (self.size - 1).clamp_min(0)[:, None])[:, 0]
        return torch.where(self.size > 0, at, 0.0)

    def main(self, label: int) -> Int[Tensor, " main"]:
        """The main latents of one label.

        Fewer than `size` where the ranking on all rows names fewer than that of a fold
        does.
        """
        first = self.order[label, : int(self.size[label])]
        return first[first >= 0]


def sparse_probes(
    active: Active,
    labels: Bool[Tensor, "row label"],
    *,
    width: int,
    fold: Int[Tensor, " row"],
    rule: Literal["code", "paper"] = "code",
    max_k: int = MAX_K,
    penalty: float = PENALTY,
    jump: float = F1_JUMP,
    whole_curve: bool = False,
) -> SparseProbes:
    """Main latents of every label, by probes on its 1, 2, ... most telling latents
    (2409.14507 section 5.2).

    1. Latents are ranked by the weights of an L1-regularised probe on all of them
       (`l1_probes`): the largest
    signed weights by rule "code" (what the authors' code does), the largest magnitudes
    by rule "paper".
    2. A balanced logistic regression on the first k gives F1_k. 3. best = -100; for k =
       1, 2, ...: if
    F1_k > best + `jump` then best = F1_k and the first k latents are the main ones,
    else stop.

    `fold` says who judges: rows of fold f are judged by rankings and fits on all rows
    of other folds; rows of fold -1 only teach. One fold and -1 is the paper's split;
    `probing.fold_of` judges every row. F1 is of all judged rows together. `order` is
    ranked on all rows that teach anything, so its main latents need not be those of
    each fold. Rows of fold -1 get the decision of the lowest fold, in sample.

    Departures: the ranking is the optimum and not 50 epochs of Adam, so most weights
    are exactly 0, and a latent is ranked only if its weight is positive ("code") or not
    0 ("paper"). With fewer latents than k the set does not grow; a label without any
    has size 0 and no decisions (the paper's always has one). `whole_curve` computes F1
    for all k up to `max_k` and not only until the rule stops. Raises ValueError where
    `l1_probes` does, for rows without folds, for no judged rows, and for an unknown
    rule.
    """
    folds, taught = _problems(fold, len(labels), rule, max_k)
    probes = l1_probes(active, labels, width=width, taught=taught, penalty=penalty)
    x, y, judged_by = (
        columns_of(active, width),
        labels.cpu().numpy(),
        _judges(fold, folds),
    )
    ranked = [_ranked(probes, label, rule, max_k) for label in range(y.shape[1])]
    size = np.zeros(y.shape[1], dtype=np.int64)
    f1, decision = np.full((y.shape[1], max_k), np.nan), np.zeros(y.shape, dtype=bool)
    for label, (latent, _) in enumerate(ranked):
        curve = _Curve(
            x,
            y[:, label],
            latent[-len(folds) :],
            taught[-len(folds) :].numpy(),
            judged_by,
        )
        size[label], f1[label], decision[:, label] = curve.grown(
            max_k, jump, whole_curve
        )
    said = torch.from_numpy(decision)
    seen = (fold >= 0).cpu()
    scores = judged(said[seen], labels.cpu()[seen])
    return SparseProbes(
        torch.from_numpy(np.stack([latent[0] for latent, _ in ranked])),
        torch.from_numpy(np.stack([weight[0] for _, weight in ranked])).float(),
        torch.from_numpy(size),
        torch.from_numpy(f1).float(),
        scores.precision,
        scores.recall,
        said,
    )


def by_encoder(
    w_enc: Float[Tensor, "d_model latent"],
    direction: Float[Tensor, "label d_model"],
    *,
    count: int = 1,
) -> Nearest:
    """For each label the latents whose encoder directions have the largest cosines with
    the probe's.

    The other choice of a single latent: 2409.14507 section 4 and figure 16 (code:
    latent_evaluation.py, which keeps five and uses one). Raises ValueError where
    d_model differs or there are fewer than `count` latents.
    """
    return nearest(
        unit_rows(direction), unit_rows(w_enc.T.to(direction.dtype)), count=count
    )


def _problems(
    fold: Tensor, rows: int, rule: str, max_k: int
) -> tuple[list[int], Tensor]:
    """The folds, and the rows that teach: all that teach any fold, then, with several,
    those of each.
    """
    if rule not in ("code", "paper") or max_k < 1:
        raise ValueError(
            f"rule must be 'code' or 'paper' and max_k at least 1, got {rule!r} and {max_k}; choose"
        )
    if len(fold) != rows:
        raise ValueError(
            f"every row needs a fold, got {rows} rows and {len(fold)} folds; align them"
        )
    folds = [int(f) for f in fold.unique() if f >= 0]
    if not folds or (len(folds) == 1 and bool((fold == folds[0]).all())):
        raise ValueError(
            f"some rows must be judged and others teach, got {folds} as the folds of {rows} rows; "
            "give folds 0, 1, ... or -1 for rows that only teach"
        )
    of_folds = torch.stack([fold.cpu() != f for f in folds])
    return folds, of_folds if len(folds) == 1 else torch.cat(
        [of_folds.any(0, keepdim=True), of_folds]
    )


def _judges(fold: Tensor, folds: list[int]) -> ndarray:
    """Which problem's probe decides about each row."""
    position = {f: i for i, f in enumerate(folds)}
    return np.array([position.get(f, 0) for f in fold.tolist()])


def _ranked(
    probes: L1Probes, label: int, rule: str, max_k: int
) -> tuple[ndarray, ndarray]:
    """For each problem the first latents of its ranking and their weights; -1 and 0
    where it has no more.
    """
    weight = probes.weight[label]
    size = weight if rule == "code" else np.abs(weight)
    order = np.argsort(-size, axis=1, kind="stable")[:, :max_k]
    some = np.take_along_axis(size, order, 1) > 0
    latent = np.where(some, probes.latent[label][order], -1)
    value = np.where(some, np.take_along_axis(weight, order, 1), 0.0)
    pad = ((0, 0), (0, max_k - order.shape[1]))
    return np.pad(latent, pad, constant_values=-1), np.pad(value, pad)


class _Curve:
    """The k-sparse probes of one label, k after k, in all folds at once."""

    def __init__(
        self,
        x: "csc_array",
        y: ndarray,
        latent: ndarray,
        taught: ndarray,
        judged_by: ndarray,
    ) -> None:
        self.x, self.y, self.latent, self.taught, self.judged_by = (
            x,
            y,
            latent,
            taught,
            judged_by,
        )
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
        said, y = said[self.seen], self.y[self.seen]
        total = said.sum() + y.sum()
        return float(2 * (said & y).sum() / total) if total else 0.0

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
