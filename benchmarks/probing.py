"""Latents as classifiers of labels: all pairs in one sparse pass beside scikit-learn,
and k-sparse probes.

    python benchmarks/probing.py                      half a minute: 16384 latents, 26
    labels, 20000 rows python benchmarks/probing.py --labels-per-row 5   more labels on
    a row cost in proportion python benchmarks/probing.py --repeats 7

Everything runs in this process, on one thread; times are CPU seconds, the median of
interleaved repeats. scikit-learn scores a sample of the pairs (roc_auc_score and
precision_recall_curve), extrapolated to all. Goals: at least 1000x the speed per pair,
at most 0.5 us per nonzero, equal to 1e-6.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

import numpy as np
import results
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve, roc_auc_score
from torch import Tensor

from saecore.measures.algebra.classifier_scores import PairScores, pair_scores
from saecore.measures.algebra.l1_logistic import csc_of, l1_probes
from saecore.measures.probing.k_sparse import F1_JUMP, sparse_probes
from saecore.measures.probing.linear import fold_of, linear_probes
from saecore.sparse import Active

Result = TypeVar("Result")


def words(
    rows: int, width: int, labels: int, k: int, per_row: int, *, seed: int = 0
) -> tuple[Active, Tensor]:
    """k active latents on each row, the first few latents told by a label; `per_row`
    labels on each row.
    """
    generator = torch.Generator().manual_seed(seed)
    label = torch.randint(labels, (rows, per_row), generator=generator)
    known = torch.zeros(rows, labels, dtype=torch.bool).scatter_(1, label, True)
    latent = torch.randint(labels, width, (rows, k), generator=generator)
    hit = torch.rand(rows, generator=generator) < 0.8
    latent[:, 0] = torch.where(hit, label[:, 0], latent[:, 0])
    latent = latent.sort(1).values
    fresh = torch.ones_like(latent, dtype=torch.bool)
    fresh[:, 1:] = latent[:, 1:] != latent[:, :-1]
    crow = torch.cat([torch.zeros(1, dtype=torch.int64), fresh.sum(1).cumsum(0)]).int()
    value = torch.rand(int(fresh.sum()), generator=generator) + 0.5
    return Active(crow, latent[fresh].int(), value), known


def measured(run: Callable[[], Result]) -> tuple[Result, float]:
    """Result and CPU seconds."""
    start = time.process_time()
    result = run()
    return result, time.process_time() - start


def by_scikit_learn(activation: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """AUROC and the best F1 over thresholds above 0 of one pair, as one would ask for
    them.
    """
    precision, recall, threshold = precision_recall_curve(y, activation)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    return float(roc_auc_score(y, activation)), float(
        np.max(f1[:-1][threshold > 0], initial=0.0)
    )


def compare_pairs(
    active: Active, known: Tensor, width: int, repeats: int
) -> dict[str, float]:
    """Times per nonzero and per pair, and how far a sample of the pairs is off."""
    columns, random = csc_of(active, width), np.random.default_rng(0)
    pairs = [
        (int(j), int(label))
        for j, label in random.integers(0, (width, known.shape[1]), (60, 2))
    ]
    pairs += [(label, label) for label in range(known.shape[1])]  # the planted ones
    dense = {j: columns[:, [j]].toarray()[:, 0] for j, _ in pairs}
    y, ours, slow = known.numpy(), [], []
    scores: PairScores = pair_scores(active, known, width=width)  # warm
    expected = [by_scikit_learn(dense[j], y[:, label]) for j, label in pairs]
    for _ in range(repeats):
        ours.append(measured(lambda: pair_scores(active, known, width=width))[1])
        slow.append(
            measured(
                lambda: [by_scikit_learn(dense[j], y[:, label]) for j, label in pairs]
            )[1]
        )
    found = [(float(scores.auroc[pair]), float(scores.f1[pair])) for pair in pairs]
    error = float(np.abs(np.array(found) - np.array(expected)).max())
    per_pair, nonzeros = median(slow) / len(pairs), len(active.value)
    everything = per_pair * scores.f1.numel()
    ratio, each = everything / median(ours), median(ours) / nonzeros * 1e6
    print(
        f"pair scores: {nonzeros} nonzeros, {scores.f1.numel()} pairs of a latent "
        f"and a label"
    )
    print(f"  ours          {median(ours):8.3f} s   {each:.2f} us per nonzero")
    print(
        f"  scikit-learn  {everything:8.0f} s   {per_pair * 1e3:.2f} ms per pair, "
        f"{len(pairs)} pairs timed"
    )
    print(
        f"  ours is {ratio:.0f}x the speed; largest difference {error:.1e}", flush=True
    )
    return {
        "pairs: scikit-learn": ratio,
        "pairs: microseconds per nonzero": each,
        "pairs: error": error,
    }


def compare_rankings(active: Active, known: Tensor, width: int) -> dict[str, float]:
    """The L1 ranking of all labels together beside liblinear on the same sparse
    matrix.
    """
    everyone = torch.ones(1, len(known), dtype=torch.bool)
    probes, seconds = measured(
        lambda: l1_probes(active, known, width=width, taught=everyone)
    )
    sparse_rows, some = csc_of(active, width).tocsr(), range(0, known.shape[1], 9)
    weights, slow = measured(
        lambda: [liblinear(sparse_rows, known[:, label].numpy()) for label in some]
    )
    error = 0.0
    for label, weight in zip(some, weights, strict=True):
        ours = np.zeros(width)
        used = probes.latent[label] >= 0
        ours[probes.latent[label][used]] = probes.weight[label, 0][used]
        error = max(error, float(np.abs(ours - weight).max() / np.abs(weight).max()))
    everything = slow / len(some) * known.shape[1]
    print(f"L1 ranking of {known.shape[1]} labels on all {width} latents")
    print(
        f"  ours {seconds:.2f} s, liblinear on CSR {everything:.2f} s: "
        f"{everything / seconds:.1f}x; ",
        end="",
    )
    print(f"largest difference of a weight {error:.1e} of the largest", flush=True)
    return {"ranking: liblinear": everything / seconds, "ranking: error": error}


def liblinear(rows: object, y: np.ndarray) -> np.ndarray:
    """Weights of one L1 probe with the paper's penalty; the bias is hardly
    penalised.
    """
    probe = LogisticRegression(
        C=100 / len(y),
        l1_ratio=1,
        solver="liblinear",
        intercept_scaling=10,
        tol=1e-4,
        max_iter=1000,
    )
    return probe.fit(
        rows, y, sample_weight=np.where(y, (~y).sum() / y.sum(), 1.0)
    ).coef_[0]


def time_probes(rows: int = 5000, width: int = 2560, labels: int = 26) -> None:
    """Seconds of everything that one SAE or one layer needs."""
    active, known = words(rows, width, labels, 16, 1)
    fold = fold_of(known)
    for name, folds in (
        ("one split", torch.where(fold == 0, 0, -1)),
        ("five folds", fold),
    ):
        for whole in (False, True):
            seconds = measured(
                lambda f=folds, w=whole: sparse_probes(
                    active, known, width=width, fold=f, jump=F1_JUMP, whole_curve=w
                )
            )[1]
            print(
                f"k-sparse probes, {name}, "
                f"{'k to 10' if whole else 'until the rule stops'}: {seconds:.2f} s"
            )
    x = torch.randn(rows, 160, generator=torch.Generator().manual_seed(1))
    x[:, :labels] += 2 * known
    print(
        f"linear probes, {rows} x 160, five folds: "
        f"{measured(lambda: linear_probes(x, known))[1]:.2f} s"
    )


def main() -> None:
    parser = results.options(__doc__)
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--width", type=int, default=16384)
    parser.add_argument("--labels", type=int, default=26)
    parser.add_argument("--k", type=int, default=30)
    parser.add_argument("--labels-per-row", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    active, known = words(
        arguments.rows,
        arguments.width,
        arguments.labels,
        arguments.k,
        arguments.labels_per_row,
    )
    found = compare_pairs(active, known, arguments.width, arguments.repeats)
    found |= compare_rankings(active, known, arguments.width)
    time_probes()
    results.write(arguments.json, found)
    if found["pairs: error"] > 1e-6 or found["ranking: error"] > 0.02:
        raise SystemExit("the fast and the slow way differ")


if __name__ == "__main__":
    main()
