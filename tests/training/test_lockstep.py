"""SAEs that learn side by side: one step of all, and the controller of their penalty."""

import dataclasses
import math

import pytest
import torch

from saecore.training.lockstep import GAIN
from tests.training.test_gradients import LOSSES, B, F, K, block_of, pre_of, rows

pytestmark = pytest.mark.usefixtures("way")


@pytest.mark.parametrize("architecture", LOSSES)
def test_a_step_keeps_directions_at_unit_length_and_lowers_the_error(
    recipe, architecture
) -> None:
    block = block_of(recipe, architecture)
    errors = []
    with torch.no_grad():
        for _ in range(60):
            block.step(rows(), lr=3e-3)
            errors.append(float(block.fvu))
    torch.testing.assert_close(block.weights["W_dec"].norm(dim=1), torch.ones(F))
    assert errors[-1] < 0.8 * errors[0]


def test_the_penalty_rises_while_too_many_latents_are_active_and_falls_while_too_few_are(
    recipe,
) -> None:
    block = block_of(dataclasses.replace(recipe, rows=1000 * 256), "relu")
    moves = []
    with torch.no_grad():
        for wanted in (F // 3, K // 2, K // 4):
            pre = pre_of(block.weights, rows()).flatten()
            block.weights["b_enc"] -= float(pre.topk(wanted * B).values[-1])
            before = float(block.log_penalty)
            block.step(rows(), lr=0.0)
            moves.append(float(block.log_penalty) - before)
    assert moves == pytest.approx(
        [GAIN, 3 * GAIN * math.log(1 / 2), -3 * GAIN], rel=0.02
    )


def test_a_short_training_cannot_wait_for_the_penalty(recipe) -> None:
    block = block_of(dataclasses.replace(recipe, rows=100 * 256), "gated")
    before = float(block.log_penalty)
    with torch.no_grad():
        block.step(rows(), lr=0.0)
    assert float(block.log_penalty) - before == pytest.approx(10 / 100)
