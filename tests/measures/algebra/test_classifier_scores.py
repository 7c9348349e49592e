"""Every latent as a classifier of every label, against scikit-learn pair by pair and by
hand.
"""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from saecore.measures.algebra.classifier_scores import (
    agreement,
    auroc,
    best,
    pair_scores,
)
from saecore.sparse import sparse

ZERO: Any = {"zero_division": 0}


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def with_ties(
    dtype: torch.dtype, rows: int = 150, width: int = 8
) -> tuple[Tensor, Tensor]:
    """Half-integer activations (many ties), one dead latent, labels from rare to almost
    everywhere.
    """
    x = ((2 * normal(rows, width)).round().clamp(min=0) / 2).to(dtype)
    x[:, 3] = 0
    shares = torch.tensor([0.03, 0.2, 0.5, 0.95])
    labels = torch.rand(rows, 4, generator=torch.Generator().manual_seed(1)) < shares
    return x, labels


def best_threshold(y: np.ndarray, activation: np.ndarray) -> tuple[float, float]:
    """Largest F1 over thresholds above 0, and the highest such threshold, by trying
    each.
    """
    thresholds = [t for t in np.unique(activation)[::-1] if t > 0]
    scores = [
        2 * (y & (activation >= t)).sum() / (y.sum() + (activation >= t).sum())
        for t in thresholds
    ]
    if not scores or max(scores) == 0:
        return 0.0, float("inf")
    return float(max(scores)), float(thresholds[int(np.argmax(np.round(scores, 12)))])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_pair_equals_scikit_learn_with_ties_and_zeros(dtype):
    from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

    x, labels = with_ties(dtype)
    scores = pair_scores(sparse(x), labels, width=x.shape[1])
    for j in range(x.shape[1]):
        for label in range(labels.shape[1]):
            y, activation = labels[:, label].numpy(), x[:, j].numpy()
            f1, threshold = best_threshold(y, activation)
            said, fires = activation >= threshold, activation > 0
            expected = [
                f1,
                threshold,
                precision_score(y, said, **ZERO),
                recall_score(y, said),
                roc_auc_score(y, activation),
                f1_score(y, fires),
                precision_score(y, fires, **ZERO),
                recall_score(y, fires),
            ]
            ours = [float(score[j, label]) for score in scores]
            np.testing.assert_allclose(
                ours, expected, atol=1e-6, err_msg=f"latent {j}, label {label}"
            )


def test_best_f1_is_the_top_of_the_precision_recall_curve():
    from sklearn.metrics import precision_recall_curve

    activation, labels = normal(500, 1).abs(), normal(500, 1, seed=1) > 1
    scores = pair_scores(sparse(activation), labels, width=1)
    precision, recall, _ = precision_recall_curve(
        labels[:, 0].numpy(), activation[:, 0].numpy()
    )
    assert float(scores.f1) == pytest.approx(
        float((2 * precision * recall / (precision + recall)).max()), abs=1e-6
    )


def test_a_case_by_hand():
    # label on rows 0, 2, 4; precision and recall: 1/1, 1/3 at threshold 3, 2/3, 2/3 at
    # 2, 2/4, 2/3 at 1
    activation = torch.tensor([[3.0], [2.0], [2.0], [1.0], [0.0]])
    labels = torch.tensor([[True], [False], [True], [False], [True]])
    scores = pair_scores(sparse(activation), labels, width=1)
    assert float(scores.f1) == pytest.approx(2 / 3)
    assert float(scores.threshold) == 2.0
    assert float(scores.fires_precision) == 0.5
    assert float(scores.auroc) == pytest.approx(
        (2 + 1.5 + 0) / 6
    )  # pairs won by rows 0, 2 and 4


def test_a_planted_latent_is_the_best_of_its_label():
    labels = torch.rand(2000, 6, generator=torch.Generator().manual_seed(2)) < 0.1
    x = normal(2000, 300).sub(1.5).relu()
    planted = torch.tensor([7, 100, 250, 3, 50, 299])
    x[:, planted] = labels * (2 + normal(2000, 6, seed=3).abs()) + 0.3 * x[:, planted]
    found = best(pair_scores(sparse(x), labels, width=300))
    torch.testing.assert_close(found.latent, planted)
    assert found.f1.min() > 0.95
    assert found.auroc.min() > 0.99


def test_shuffled_labels_score_little_more_than_the_base_rate_allows():
    labels = torch.rand(5000, 4, generator=torch.Generator().manual_seed(4)) < 0.1
    scores = pair_scores(
        sparse(normal(5000, 100, seed=5).sub(1).relu()), labels, width=100
    )
    assert float((scores.auroc - 0.5).abs().max()) < 0.05
    assert (
        float(best(scores).f1.max()) < 2 * 0.1 / (1 + 0.1) + 0.03
    )  # saying yes always has F1 2 p / (1 + p)


def test_a_label_of_one_value_has_no_area_and_a_dead_latent_half():
    labels = torch.tensor([[True, False], [True, False], [True, True]])
    scores = pair_scores(
        sparse(torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 0.0]])), labels, width=2
    )
    assert scores.auroc[:, 0].isnan().all()
    assert float(scores.auroc[1, 1]) == 0.5
    assert float(scores.threshold[1, 1]) == float("inf")


def test_bad_input_is_refused():
    x, labels = with_ties(torch.float32)
    active = sparse(x)
    with pytest.raises(ValueError, match="same rows"):
        pair_scores(active, labels[1:], width=8)
    with pytest.raises(ValueError, match="below width"):
        pair_scores(active, labels, width=5)
    with pytest.raises(ValueError, match="finite and not negative"):
        pair_scores(active._replace(value=-active.value), labels, width=8)
    with pytest.raises(ValueError, match="finite and not negative"):
        pair_scores(active._replace(value=active.value * float("nan")), labels, width=8)
    with pytest.raises(ValueError, match="best of no latents"):
        best(pair_scores(sparse(x[:, :0]), labels, width=0))


def test_agreement_is_that_of_scikit_learn_and_axes_broadcast():
    from sklearn.metrics import f1_score, precision_score, recall_score

    decision, positive = normal(3, 1, 40) > 0.5, normal(5, 40, seed=1) > 1
    found = agreement(decision, positive)
    assert found.f1.shape == (3, 5)
    for i in range(3):
        for j in range(5):
            pair = positive[j].numpy(), decision[i, 0].numpy()
            expected = (
                f1_score(*pair),
                precision_score(*pair, **ZERO),
                recall_score(*pair, **ZERO),
            )
            np.testing.assert_allclose([x[i, j] for x in found], expected)


def test_agreement_about_nothing_is_zero():
    nothing = torch.zeros(4, dtype=torch.bool)
    assert agreement(nothing, nothing) == (0, 0, 0)


def test_the_area_under_the_curve_is_that_of_scikit_learn_with_ties():
    from sklearn.metrics import roc_auc_score

    score = (2 * normal(4, 1, 60)).round()
    positive = normal(3, 60, seed=1) > 0.8
    found = auroc(score, positive)
    assert found.shape == (4, 3)
    for i in range(4):
        for j in range(3):
            expected = roc_auc_score(positive[j].numpy(), score[i, 0].numpy())
            assert float(found[i, j]) == pytest.approx(expected, abs=1e-12)


def test_the_area_without_both_kinds_is_unknown():
    score = torch.tensor([1.0, 2.0, 3.0])
    assert auroc(score, torch.ones(3, dtype=torch.bool)).isnan()
    assert auroc(score, torch.zeros(3, dtype=torch.bool)).isnan()
    assert auroc(torch.zeros(0), torch.zeros(0, dtype=torch.bool)).isnan()
