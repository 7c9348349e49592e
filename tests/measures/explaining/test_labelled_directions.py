"""Directions that were told the labels, on rows where the truth is known."""

import pytest
import torch

from saecore.measures.algebra.classifier_scores import agreement
from saecore.measures.explaining.labelled_directions import (
    best_thresholds,
    supervised_f1,
)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def labelled(rows, *, seed):
    """Rows of six dimensions, two labels that are read off the first two."""
    x = torch.randn(rows, 6, generator=seeded(seed))
    known = torch.rand(rows, 2, generator=seeded(seed + 1)) < 0.2
    x[:, :2] += 8.0 * known
    return x, known


def test_labels_that_lie_along_a_direction_are_told():
    found = supervised_f1(*labelled(2000, seed=1), *labelled(2000, seed=5))
    for f1 in found:
        assert float(f1.min()) > 0.99


def test_least_squares_tells_what_the_mean_difference_does_not():
    """Two dimensions that go together hide a label on their difference."""
    (x, known), (other, known_there) = labelled(4000, seed=1), labelled(4000, seed=5)
    mixing = torch.eye(6)
    mixing[2, 0] = mixing[2, 2] = 20.0
    found = supervised_f1(x @ mixing, known, other @ mixing, known_there)
    assert float(found.least_squares[0]) > 0.95
    assert float(found.mean_difference[0]) < 0.8


def test_shuffled_labels_are_not_told():
    x, known = labelled(2000, seed=1)
    other, known_there = labelled(2000, seed=5)
    mixed = known[torch.randperm(2000, generator=seeded(9))]
    found = supervised_f1(x, mixed, other, known_there)
    assert float(torch.stack(list(found)).max()) < 0.45


def test_the_threshold_is_the_best_of_all_and_ties_stay_together():
    score = torch.tensor([[3.0, 2.0, 2.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    known = torch.tensor([[1, 0, 1, 0, 0], [1, 0, 0, 0, 0]]).bool()
    assert best_thresholds(score, known).tolist() == [2.0, 1.0]
    score = torch.randn(1, 200, generator=seeded(2))
    known = score + torch.randn(1, 200, generator=seeded(3)) > 1
    best = best_thresholds(score, known)
    every = [float(agreement(score >= cut, known).f1) for cut in score[0]]
    assert float(agreement(score >= best[:, None], known).f1) == pytest.approx(
        max(every)
    )


def test_a_label_that_no_row_has_is_refused():
    x, known = labelled(100, seed=1)
    known[:, 0] = False
    with pytest.raises(ValueError, match="rows without"):
        supervised_f1(x, known, x, known)
