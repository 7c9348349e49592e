"""Proximal Newton steps end where no direction improves the penalised loss."""

import numpy as np
import pytest
import torch

from saecore.measures.algebra.proximal_newton import (
    WorkingSets,
    logits_of,
    proximal_newton,
    row_weights,
)

PENALTY = 0.01


@pytest.fixture
def sets() -> WorkingSets:
    """Two labels on 200 rows of three columns, of which the last is unused."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 200, 3, generator=generator)
    x[:, :, 2] = 0
    y = (x[:, :, :1] + torch.randn(2, 200, 1, generator=generator) > 0.7).float()
    taught = np.stack([np.ones(200, bool), np.arange(200) % 2 == 0])
    weight = row_weights(y[:, :, 0].numpy().T.astype(bool), taught)
    return WorkingSets(x, y, torch.from_numpy(weight).float(), [2, 2])


def solved(sets: WorkingSets) -> tuple[np.ndarray, np.ndarray]:
    start = np.zeros((2, 2, 3)), np.zeros((2, 2))
    return proximal_newton(sets, *start, PENALTY, tolerance=1e-9)


def test_rows_with_and_without_a_label_weigh_the_same():
    y = np.arange(10)[:, None] < 2
    weight = row_weights(y, np.ones((1, 10), bool))[0, :, 0]
    assert weight[:2].sum() == pytest.approx(weight[2:].sum())
    assert weight[2] == pytest.approx(1 / 10)


def test_a_label_on_all_rows_cannot_be_taught():
    with pytest.raises(ValueError, match="label 0 is not; drop it"):
        row_weights(np.ones((5, 1), bool), np.ones((1, 5), bool))


def test_at_the_end_each_slope_is_the_penalty_against_its_weight(sets):
    weight, bias = solved(sets)
    residual = sets.importance * (logits_of(sets, weight, bias).sigmoid() - sets.y)
    slope = (sets.x.transpose(1, 2) @ residual).transpose(1, 2).numpy()
    used = weight != 0
    assert used[:, :, 0].all()
    np.testing.assert_allclose(slope[used], -PENALTY * np.sign(weight[used]), atol=2e-4)
    assert np.abs(slope).max() < PENALTY + 2e-4
    np.testing.assert_allclose(residual.sum(1), 0, atol=2e-4)


def test_a_column_that_is_not_used_keeps_its_weight_of_zero(sets):
    assert (solved(sets)[0][:, :, 2] == 0).all()
