"""Probes on whole rows: what probes on latents are read beside."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from saecore.measures.dictionary.encoded import encoded
from saecore.measures.probing.downstream import class_probes, perturbed
from saecore.measures.probing.whole_row import (
    balanced_shares,
    dense_probe,
    mean_difference_probe,
)
from tests.measures.stitching.test_insertion import normal, plain

LABEL = torch.arange(300) % 3
FOLD = torch.arange(300) // 3 % 3
ONE_HOT = torch.nn.functional.one_hot(LABEL).bool()


def rows(signal: float) -> torch.Tensor:
    return normal(300, 8) + signal * torch.eye(8).double()[LABEL]


def test_a_dense_probe_agrees_with_scikit_learn():
    x = rows(1.0)
    said = np.zeros((300, 3), dtype=bool)
    for judge in range(3):
        fit = FOLD.ne(judge).numpy()
        scale = x[fit].std(0, correction=0)
        for label in range(3):
            probe = LogisticRegression(class_weight="balanced", tol=1e-10)
            probe.fit((x / scale)[fit].numpy(), ONE_HOT[fit, label].numpy())
            said[~fit, label] = probe.predict((x / scale)[~fit].numpy())
    found = dense_probe(x, LABEL, FOLD)
    assert (found.numpy() == said).mean() > 0.995


def test_the_difference_of_means_in_one_dimension_is_its_middle():
    x = torch.tensor([[0.0], [1], [10], [11]] * 6).double()
    label, fold = torch.tensor([0, 0, 1, 1] * 6), torch.arange(24) // 12
    found = mean_difference_probe(x, label, fold)
    # the middle of the two means is 5.5
    assert (found[:, 1] == (x[:, 0] > 5.5)).all()
    assert (found[:, 0] == ~found[:, 1]).all()


@pytest.mark.parametrize("probe", [dense_probe, mean_difference_probe])
def test_probes_tell_a_planted_class_and_nothing_else(probe):
    told = balanced_shares(probe(rows(8.0), LABEL, FOLD), ONE_HOT).mean()
    assert float(told) > 0.98
    chance = balanced_shares(probe(normal(300, 8), LABEL, FOLD), ONE_HOT).mean()
    assert float(chance) == pytest.approx(0.5, abs=0.08)


def test_shares_by_row_have_the_balanced_accuracy_as_their_mean():
    said = normal(300, 3, seed=5) > 0.4
    expected = np.mean(
        [balanced_accuracy_score(ONE_HOT[:, c], said[:, c]) for c in range(3)]
    )
    assert float(balanced_shares(said, ONE_HOT).mean()) == pytest.approx(expected)


def test_rows_that_are_all_told_rightly_do_not_vary():
    assert balanced_shares(ONE_HOT, ONE_HOT).tolist() == pytest.approx([1] * 300)


def test_shares_by_row_vary_as_two_samples_of_shares_do():
    """Closed form: (p (1 - p) / n + q (1 - q) / m) / 4 for one class."""
    labels = (torch.arange(500) < 100)[:, None]
    said = labels ^ (torch.arange(500) % 5 == 0)[:, None]
    variance = balanced_shares(said, labels).var(correction=0) / 500
    assert float(variance) == pytest.approx(0.16 * (1 / 100 + 1 / 400) / 4)


def test_a_class_without_rows_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="fewer folds"):
        mean_difference_probe(normal(6, 2), torch.arange(6) // 3, torch.arange(6) // 3)


@pytest.mark.parametrize("seed", range(4))
def test_with_two_classes_a_perturbation_scores_zero_whatever_it_ablates(seed):
    one, x = plain(30, seed=seed), normal(300, 8, seed=seed + 1)
    label = (x[:, 0] > 0.2).long()
    probes = class_probes(x, label, torch.arange(300) < 150)
    found = perturbed(encoded(one, x), x, probes, ablate=6)
    assert found.own > 0
    assert found.score == pytest.approx(0, abs=1e-9)
