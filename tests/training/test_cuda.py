"""Training on CUDA against training on the processor; skipped where there is none."""

import pytest
import torch

from saecore.training.lockstep import Block
from tests.training.test_gradients import LOSSES, D, block_of, rows

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA here: not measured"
)


@pytest.mark.parametrize("architecture", LOSSES)
def test_steps_on_cuda_are_those_on_the_processor(recipe, architecture) -> None:
    here = block_of(recipe, architecture, seeds=(0, 1))
    there = Block(here.recipe, [0, 1], D, "cuda")
    there.l0.copy_(here.l0)
    for name, weight in there.weights.items():
        weight.copy_(here.weights[name])
    with torch.no_grad():
        for _ in range(5):
            here.step(rows(), lr=1e-3)
            there.step(rows().cuda(), lr=1e-3)
    for name, weight in there.weights.items():
        torch.testing.assert_close(
            weight.cpu(), here.weights[name], rtol=1e-3, atol=1e-4
        )
