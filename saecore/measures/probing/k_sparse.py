"""k-sparse probes: how many latents does it take to tell a label, and which? Feature
splitting by F1.
"""

from typing import Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

from saecore.measures.algebra.classifier_scores import agreement
from saecore.measures.algebra.l1_logistic import L1Probes, csc_of, l1_probes
from saecore.measures.algebra.nearest import Nearest, nearest, unit_rows
from saecore.measures.probing.growing_probe import GrowingProbe
from saecore.sparse import Active

F1_JUMP = 0.03
"""One more latent must raise F1 by more than this: 2409.14507, A.11, where 0.01 to 0.05
are said to work.
"""
L1_PENALTY = 0.01
"""Weight of the L1 norm: 2409.14507, code k_sparse_probing.py, and SAEBench."""
MAX_K = 10
"""SAEBench; the paper looks at up to 15."""


class SparseProbes(NamedTuple):
    """k-sparse probes of every label, scored on rows they have not seen. The first
    `size` latents of `order` are the label's main latents: the split set of the
    paper."""

    order: Int[Tensor, "label rank"]
    """Latents of the ranking probe, first come first; -1 where it has no more."""
    weight: Float[Tensor, "label rank"]
    """Their weights in the ranking probe."""
    size: Int[Tensor, " label"]
    """Number of main latents: what SAEBench reports as splits; 0 if none is ranked."""
    f1: Float[Tensor, "label rank"]
    """F1 with 1, 2, ... latents; nan after the rule has stopped."""
    precision: Float[Tensor, " label"]
    """With the main latents."""
    recall: Float[Tensor, " label"]
    """With the main latents."""
    decision: Bool[Tensor, "row label"]
    """Whether the probe on the main latents says the row has the label."""

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

    def main_mask(
        self, among: Bool[Tensor, " label"], *, width: int
    ) -> Bool[Tensor, "label latent"]:
        """Which latents are main latents of each label; none of labels not `among`."""
        mask = torch.zeros(len(self.size), width, dtype=torch.bool)
        for label in among.nonzero()[:, 0].tolist():
            mask[label, self.main(label)] = True
        return mask


def sparse_probes(
    active: Active,
    labels: Bool[Tensor, "row label"],
    *,
    width: int,
    fold: Int[Tensor, " row"],
    jump: float,
    rule: Literal["code", "paper"] = "code",
    max_k: int = MAX_K,
    penalty: float = L1_PENALTY,
    whole_curve: bool = False,
) -> SparseProbes:
    """k-sparse probing: main latents of every label, by probes on its 1, 2, ... most
    telling latents (2409.14507 section 5.2).

    1. Latents are ranked by the weights of an L1-regularised probe on all of them
       (`l1_probes`): the largest signed weights by rule "code" (what the authors' code
       does), the largest magnitudes by rule "paper".
    2. A balanced logistic regression on the first k gives F1_k.
    3. best = -100; for k = 1, 2, ...: if F1_k > best + `jump` then best = F1_k and the
       first k latents are the main ones, else stop. The paper's `jump` is F1_JUMP.

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
    ranked = [_ranked(probes, n, rule, max_k) for n in range(labels.shape[1])]
    latents, x = [latent for latent, _ in ranked], csc_of(active, width)
    taught, judges = taught[-len(folds) :].numpy(), _judges(fold, folds)
    curves = [
        GrowingProbe(x, y, latent[-len(folds) :], taught, judges)
        for y, latent in zip(labels.cpu().numpy().T, latents, strict=True)
    ]
    grown = [curve.grown(max_k, jump, whole_curve) for curve in curves]
    size, f1, decision = (np.stack(part) for part in zip(*grown, strict=True))
    said = torch.from_numpy(decision.T.copy())
    seen = (fold >= 0).cpu()
    scores = agreement(said[seen].T, labels.cpu()[seen].T)
    return SparseProbes(
        torch.from_numpy(np.stack([latent[0] for latent in latents])),
        torch.from_numpy(np.stack([weight[0] for _, weight in ranked])).float(),
        torch.from_numpy(size),
        torch.from_numpy(f1).float(),
        scores.precision.float(),
        scores.recall.float(),
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
            "rule must be 'code' or 'paper' and max_k at least 1, "
            f"got {rule!r} and {max_k}; choose"
        )
    if len(fold) != rows:
        raise ValueError(
            f"every row needs a fold, got {rows} rows and {len(fold)} folds; align them"
        )
    folds = [int(f) for f in fold.unique() if f >= 0]
    if not folds or (len(folds) == 1 and bool((fold == folds[0]).all())):
        raise ValueError(
            f"some rows must be judged and others teach, got {folds} as the folds of "
            f"{rows} rows; give folds 0, 1, ... or -1 for rows that only teach"
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
