"""Gradients by hand against autograd's on dense arrays, for every architecture and both
layouts.
"""

import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from saecore.recipes.sae import SAERecipe
from saecore.training import gradients as steps
from saecore.training import lockstep as blocks
from saecore.training.lockstep import Block

pytestmark = pytest.mark.usefixtures("way")
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


def autograd(block: Block, x: Tensor, loss: Callable[..., Tensor]) -> dict[str, Tensor]:
    w = {
        name: weight.clone().requires_grad_() for name, weight in block.weights.items()
    }
    loss(w, x, block.recipe, float(block.log_penalty.exp())).backward()
    return {name: weight.grad for name, weight in w.items() if weight.grad is not None}


@pytest.mark.parametrize("architecture", LOSSES)
def test_gradients_equal_those_of_autograd_on_the_dense_loss(
    recipe, architecture
) -> None:
    block = block_of(recipe, architecture)
    expected = autograd(block, rows(), LOSSES[architecture])
    with torch.no_grad():
        found = block.gradients(rows())
    assert found.keys() == expected.keys()
    for name in found:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("architecture", ["relu", "gated", "jumprelu"])
def test_the_dense_layout_gives_the_gradients_of_the_sparse_one(
    recipe, architecture, monkeypatch
) -> None:
    sparse, dense = block_of(recipe, architecture), block_of(recipe, architecture)
    dense.l0.fill_(F)
    monkeypatch.setattr(
        blocks, "chunk_rows", lambda width: 17
    )  # several parts, the last one short
    assert [dense._is_dense(), sparse._is_dense()] == [True, False]
    with torch.no_grad():
        expected, found = sparse.gradients(rows()), dense.gradients(rows())
    for name in found:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(dense.fvu, sparse.fvu)
    torch.testing.assert_close(dense.l0, sparse.l0)


@pytest.mark.parametrize("last", [45, 17], ids=["more than d_model / 2", "fewer"])
def test_auxk_adds_the_gradient_of_the_silent_latents_reconstruction(
    recipe, last
) -> None:
    def loss(w, x, asked, penalty) -> Tensor:
        pre = pre_of(w, x)
        best = pre.topk(K, dim=1)
        latents = torch.zeros_like(pre).scatter(1, best.indices, best.values.relu())
        missing = (x - latents @ w["W_dec"] - w["b_dec"][0]).detach()
        own = pre[:, silent]
        most = own.topk(min(D // 2, len(silent)), dim=1)
        extra = torch.zeros_like(own).scatter(1, most.indices, most.values.relu())
        rest = (
            extra @ w["W_dec"][silent] - missing
        ).square().sum() / missing.square().sum()
        return mean_square(w, latents, x) + asked.auxk * rest

    block = block_of(recipe, "topk")
    silent = torch.arange(5, last, 2)
    block.silent_for[silent] = 10**9
    block.weights["b_enc"] += 9.0
    block.weights["b_enc"][silent] -= (
        9.0  # never among the K, but positive in half of the rows
    )
    expected = autograd(block, rows(), loss)
    with torch.no_grad():
        found = block.gradients(rows())
    assert float(found["W_enc"][silent].norm()) > 0
    for name in found:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-5, atol=1e-6)


def test_auxk_makes_do_with_the_first_rows_while_many_latents_are_silent(
    recipe, monkeypatch
) -> None:
    weights, error = block_of(recipe, "topk").weights, rows(seed=8)
    silent = torch.arange(20)
    expected = steps.revive(weights, rows()[:16], error[:16], silent, 0.1)
    monkeypatch.setattr(steps, "REVIVED", 20 * 16 + 19)
    found = steps.revive(weights, rows(), error, silent, 0.1)
    for name in found:
        torch.testing.assert_close(found[name], expected[name])


@pytest.mark.parametrize("architecture", LOSSES)
def test_stacked_saes_get_the_gradients_that_each_gets_alone(
    recipe, architecture
) -> None:
    together = block_of(recipe, architecture, seeds=(0, 1, 2))
    together.silent_for[F + 3 : F + 9] = 10**9
    alone = block_of(recipe, architecture, seeds=(1,))
    alone.silent_for[3:9] = 10**9
    for name, weight in together.weights.items():
        own = weight.view(3, -1, *weight.shape[1:])[1]
        alone.weights[name].copy_(own)
    with torch.no_grad():
        expected, found = alone.gradients(rows()), together.gradients(rows())
    for name in expected:
        own = found[name].view(3, -1, *found[name].shape[1:])[1]
        torch.testing.assert_close(
            own, expected[name].view_as(own), rtol=1e-5, atol=1e-7
        )
