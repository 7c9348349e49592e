"""Novel latents beside the features that the small dictionary lacks."""

import pytest
import torch

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.stitching.truth import called, lacked

FEATURES = torch.eye(6)[:5]
COMPOSITES = FEATURES.clone()
COMPOSITES[4] = torch.nn.functional.normalize(FEATURES[4] + FEATURES[0], dim=0)


def of(*rows: torch.Tensor) -> Weights:
    stacked = torch.stack(rows)
    return Weights(stacked.T, stacked)


SMALL = of(FEATURES[0], 2 * FEATURES[1], FEATURES[2] + FEATURES[3])
LARGE = of(
    FEATURES[0],
    FEATURES[2],
    3 * FEATURES[3],
    COMPOSITES[4],
    torch.eye(6)[5],
    torch.zeros(6),
)


def test_a_latent_is_lacked_if_it_is_a_feature_that_no_small_latent_is():
    found = lacked(SMALL, LARGE, FEATURES, COMPOSITES, threshold=0.9)
    assert found.feature.tolist() == [0, 2, 3, 4, -1, -1]
    assert found.lacked.tolist() == [False, True, True, True, False, False]
    assert found.missing.tolist() == [False, False, True, True, True]
    assert found.found.tolist() == [True, False, True, True, True]


def test_precision_and_recall_are_counted():
    truth = lacked(SMALL, LARGE, FEATURES, COMPOSITES, threshold=0.9)
    found = called(
        torch.tensor([True, True, False, False, True, False]), truth, level=0.95
    )
    assert found.precision.estimate == pytest.approx(1 / 3)
    assert found.recall.estimate == pytest.approx(1 / 3)
    assert found.feature.estimate == pytest.approx(2 / 3)
    assert found.base == pytest.approx(1 / 2)


def test_nothing_is_lacked_by_a_dictionary_that_has_all():
    full = of(*FEATURES)
    found = called(
        torch.ones(6, dtype=torch.bool),
        lacked(full, LARGE, FEATURES, COMPOSITES, threshold=0.9),
        level=0.95,
    )
    assert found.precision.estimate == 0
    assert found.base == 0


def test_other_spaces_are_refused():
    with pytest.raises(ValueError, match="same d_model"):
        lacked(SMALL, of(torch.ones(4)), FEATURES, COMPOSITES, threshold=0.9)
