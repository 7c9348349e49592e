"""SAEs that learn side by side: one step of all, and the controller of their penalty."""

import dataclasses
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from saecore.recipes.sae import SAERecipe
from saecore.training.lockstep import GAIN, Block

D, F, B, K = 20, 48, 64, 4


class Jump(torch.autograd.Function):
    """JumpReLU with the straight-through estimator of 2407.14435, equation 11."""

    @staticmethod
    def forward(ctx, pre: Tensor, threshold: Tensor, bandwidth: float) -> Tensor:
        ctx.save_for_backward(pre, threshold)
        ctx.bandwidth = bandwidth
        return pre * (pre > threshold)

    @staticmethod
    def backward(ctx, *upstream: Tensor):
        (up,) = upstream
        pre, threshold = ctx.saved_tensors
        kernel = ((pre - threshold).abs() < ctx.bandwidth / 2).float() / ctx.bandwidth
        return up * (pre > threshold), (-threshold * kernel * up).sum(0), None


class Count(torch.autograd.Function):
    """1[pre > threshold] with the straight-through estimator of 2407.14435, equation
    12.
    """

    @staticmethod
    def forward(ctx, pre: Tensor, threshold: Tensor, bandwidth: float) -> Tensor:
        ctx.save_for_backward(pre, threshold)
        ctx.bandwidth = bandwidth
        return (pre > threshold).float()

    @staticmethod
    def backward(ctx, *upstream: Tensor):
        (up,) = upstream
        pre, threshold = ctx.saved_tensors
        kernel = ((pre - threshold).abs() < ctx.bandwidth / 2).float() / ctx.bandwidth
        return None, (-kernel * up).sum(0), None


def pre_of(w: dict[str, Tensor], x: Tensor) -> Tensor:
    return (x - w["b_dec"][0]) @ w["W_enc"].T + w["b_enc"]


def mean_square(w: dict[str, Tensor], latents: Tensor, x: Tensor) -> Tensor:
    return (latents @ w["W_dec"] + w["b_dec"][0] - x).square().sum(1).mean()


def topk_loss(w, x, recipe, penalty) -> Tensor:
    pre = pre_of(w, x)
    best = pre.topk(K, dim=1)
    return mean_square(
        w, torch.zeros_like(pre).scatter(1, best.indices, best.values.relu()), x
    )


def batch_latents(w, x) -> Tensor:
    pre = pre_of(w, x).relu()
    best = pre.flatten().topk(K * len(x))
    return (
        torch.zeros_like(pre)
        .flatten()
        .scatter(0, best.indices, best.values)
        .view_as(pre)
    )


def batchtopk_loss(w, x, recipe, penalty) -> Tensor:
    return mean_square(w, batch_latents(w, x), x)


def matryoshka_loss(w, x, recipe, penalty) -> Tensor:
    latents = batch_latents(w, x)
    kept = torch.arange(F)[None] < torch.tensor(recipe.nested)[:, None]
    return torch.stack([mean_square(w, latents * mask, x) for mask in kept]).mean()


def relu_loss(w, x, recipe, penalty) -> Tensor:
    latents = pre_of(w, x).relu()
    return mean_square(w, latents, x) + penalty * latents.sum(1).mean()


def gated_loss(w, x, recipe, penalty) -> Tensor:
    gate = pre_of(w, x)
    magnitude = (
        (x - w["b_dec"][0]) @ (w["W_enc"] * w["r_mag"].exp()[:, None]).T + w["b_mag"]
    ).relu()
    frozen = {"W_dec": w["W_dec"].detach(), "b_dec": w["b_dec"].detach()}
    main = mean_square(w, (gate > 0) * magnitude, x)
    return (
        main + penalty * gate.relu().sum(1).mean() + mean_square(frozen, gate.relu(), x)
    )


def jumprelu_loss(w, x, recipe, penalty) -> Tensor:
    pre, threshold = pre_of(w, x), w["log_threshold"].exp()
    latents = Jump.apply(pre, threshold, recipe.bandwidth)
    count = Count.apply(pre, threshold, recipe.bandwidth)
    assert isinstance(latents, Tensor)
    assert isinstance(count, Tensor)
    return mean_square(w, latents, x) + penalty * count.sum(1).mean()


LOSSES: dict[str, Callable[..., Tensor]] = {
    "topk": topk_loss,
    "batchtopk": batchtopk_loss,
    "matryoshka": matryoshka_loss,
    "relu": relu_loss,
    "gated": gated_loss,
    "jumprelu": jumprelu_loss,
}


def block_of(recipe: SAERecipe, architecture: str, seeds=(0,)) -> Block:
    """A block in the middle of its life: no weight is at its initial value."""
    asked = dataclasses.replace(
        recipe, architecture=architecture, width=F, k=K, bandwidth=0.3
    )
    block = Block(asked, seeds, D)
    generator = torch.Generator().manual_seed(3)
    for name, weight in block.weights.items():
        weight += (0.02 if name == "W_dec" else 0.1) * torch.randn(
            weight.shape, generator=generator
        )
    block.l0.fill_(K)
    return block


def rows(n: int = B, seed: int = 4) -> Tensor:
    return torch.randn(n, D, generator=torch.Generator().manual_seed(seed))


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
