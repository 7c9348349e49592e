"""Detection and fuzzing by counting."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.explaining.detection_fuzzing import (
    detection_score,
    fuzzing_score,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_detection_is_the_balanced_accuracy_by_counting():
    truth = torch.rand(3, 80, 6, generator=seeded(1)) * (
        torch.rand(3, 80, 1, generator=seeded(2)) < 0.4
    )
    fires = torch.rand(3, 80, 6, generator=seeded(3)) < 0.1
    found = detection_score(fires, truth, generator=seeded(4), shown=80)
    for i in range(3):
        active, said = (truth[i] > 0).any(1), fires[i].any(1)
        expected = (said[active].double().mean() + (~said[~active]).double().mean()) / 2
        assert float(found[i]) == pytest.approx(float(expected))


def test_detection_shows_as_many_fragments_with_activation_as_without():
    truth = torch.zeros(1, 400, 4)
    truth[0, :100, 0] = 1.0
    fires = torch.zeros_like(truth, dtype=torch.bool)
    fires[0, :75, 2] = True  # three quarters of those that fire, and of the others none
    few = torch.stack(
        [
            detection_score(fires, truth, generator=seeded(s), shown=20)[0]
            for s in range(100)
        ]
    )
    assert_close(few.mean(), torch.tensor(0.875), rtol=0, atol=0.02)
    assert ((few * 40).frac().abs() < 1e-6).all()  # twenty of each kind


def test_detection_and_fuzzing_are_undefined_where_nothing_can_be_told_apart():
    everywhere = torch.ones(1, 40, 4)
    assert detection_score(everywhere > 0, everywhere, generator=seeded()).isnan().all()
    assert fuzzing_score(everywhere, everywhere, generator=seeded()).isnan().all()
    rare = torch.zeros(1, 40, 4)
    rare[0, :9, 0] = 1.0
    assert fuzzing_score(rare, rare, generator=seeded()).isnan().all()
    rare[0, 9, 0] = 1.0
    assert fuzzing_score(rare, rare, generator=seeded()).tolist() == [1.0]


def test_a_prediction_without_content_cannot_tell_marks():
    truth = torch.rand(1, 60, 8, generator=seeded(1)) * (
        torch.rand(1, 60, 8, generator=seeded(2)) < 0.2
    )
    flat = torch.full_like(truth, 0.1)
    assert fuzzing_score(flat, truth, generator=seeded(3)).tolist() == [0.5]
    wrong = 1.0 * (truth == 0)
    assert fuzzing_score(wrong, truth, generator=seeded(3)).item() < 0.1
