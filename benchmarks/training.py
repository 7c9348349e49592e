"""Cost of one training step next to named peers: `python benchmarks/training.py
[--repeats 7]`.

Everything runs in one process on one thread; the candidates take turns on the same
batches, and the medians of their CPU times are compared. Peers are at their defaults:
SAELens' trainer, and plain PyTorch with autograd and Adam. Not a test: figures depend
on the processor and on who else uses it; the ratios less so.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from saecore.recipes.sae import PENALISED, Architecture, SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.training.lockstep import Block

BATCH = 1024
SHAPES: tuple[tuple[Architecture, int, int, int], ...] = (
    ("topk", 64, 128, 5),
    ("topk", 160, 640, 16),
    ("topk", 160, 2560, 16),
    ("topk", 128, 8192, 32),
    ("batchtopk", 160, 2560, 16),
    ("relu", 160, 2560, 16),
)
Step = Callable[[Tensor], object]


def main() -> None:
    """Print one line per shape."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=7)
    repeats = options.parse_args().repeats
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    head = f"{'ms per step, batches of 1,024':38}"
    print(
        f"{head}{'ours':>8}{'naive':>8}{'SAELens':>9}{'naive/ours':>12}{'SAELens/ours':>14}"
    )
    for kind, d_model, width, k in SHAPES:
        steps = {
            "ours": ours(kind, d_model, width, k),
            "naive": naive(kind, d_model, width, k),
            "peer": sae_lens(kind, d_model, width, k),
        }
        t = medians(steps, d_model, repeats)
        name = f"{kind} d_model {d_model} width {width} k {k}"
        ratios = f"{t['naive'] / t['ours']:12.1f}{t['peer'] / t['ours']:14.1f}"
        print(
            f"{name:38}{t['ours']:8.1f}{t['naive']:8.1f}{t['peer']:9.1f}{ratios}",
            flush=True,
        )


def medians(steps: dict[str, Step], d_model: int, repeats: int) -> dict[str, float]:
    """Median CPU milliseconds of a step of each candidate; in every round each takes
    one step.
    """
    generator = torch.Generator().manual_seed(0)
    batches = torch.randn(4, BATCH, d_model, generator=generator) / d_model**0.5
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(-1, repeats):
        for name, step in steps.items():
            start = time.process_time()
            step(batches[turn % 4])
            times[name].append(1000 * (time.process_time() - start))
    return {name: statistics.median(found[1:]) for name, found in times.items()}


def ours(kind: Architecture, d_model: int, width: int, k: int) -> Step:
    """A step of the zoo's trainer; ReLU at the sparsity that it has for most of a
    training, k.
    """
    block = Block(SAERecipe(Site(World()), kind, width, k), [0], d_model)
    if kind in PENALISED:
        block.weights["b_enc"] -= level(block.weights["W_enc"], k)
        block.l0.fill_(k)

    def step(x: Tensor) -> None:
        with torch.no_grad():
            block.step(x, lr=1e-5)

    return step


def level(w_enc: Tensor, k: int) -> float:
    """What k latents of each isotropic row exceed."""
    x = torch.randn(256, w_enc.shape[1]) / w_enc.shape[1] ** 0.5
    return float((x @ w_enc.t()).flatten().topk(256 * k).values[-1])


def naive(kind: Architecture, d_model: int, width: int, k: int) -> Step:
    """Plain PyTorch: dense arrays, autograd, Adam."""
    w_dec = torch.nn.functional.normalize(
        torch.randn(width, d_model), dim=1
    ).requires_grad_()
    w_enc = w_dec.detach().t().clone().requires_grad_()
    b_enc, b_dec = (
        torch.zeros(width, requires_grad=True),
        torch.zeros(d_model, requires_grad=True),
    )
    optimiser = torch.optim.Adam([w_enc, b_enc, w_dec, b_dec], lr=1e-5)

    def chosen(pre: Tensor) -> Tensor:
        if kind == "relu":
            return pre.relu()
        flat = pre.flatten()[None] if kind == "batchtopk" else pre
        best = flat.topk(k * BATCH if kind == "batchtopk" else k, dim=1)
        return (
            torch.zeros_like(flat)
            .scatter(1, best.indices, best.values.relu())
            .view_as(pre)
        )

    def step(x: Tensor) -> None:
        latents = chosen((x - b_dec) @ w_enc + b_enc)
        penalty = 0.1 * latents.sum(1).mean() if kind == "relu" else 0.0
        loss = (latents @ w_dec + b_dec - x).square().sum(1).mean() + penalty
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return step


def sae_lens(kind: Architecture, d_model: int, width: int, k: int) -> Step:
    """A step of SAELens' trainer at its defaults."""
    import sae_lens as lens
    from sae_lens.config import LoggingConfig, SAETrainerConfig
    from sae_lens.training.sae_trainer import SAETrainer

    shape: dict[str, Any] = {"d_in": d_model, "d_sae": width}
    sae: Any = {
        "topk": lambda: lens.TopKTrainingSAE(lens.TopKTrainingSAEConfig(k=k, **shape)),
        "batchtopk": lambda: lens.BatchTopKTrainingSAE(
            lens.BatchTopKTrainingSAEConfig(k=k, **shape)
        ),
        "relu": lambda: lens.StandardTrainingSAE(
            lens.StandardTrainingSAEConfig(l1_coefficient=1.0, **shape)
        ),
    }[kind]()
    schedule: dict[str, Any] = {
        "lr": 1e-5,
        "lr_end": 1e-5,
        "lr_warm_up_steps": 0,
        "lr_decay_steps": 0,
    }
    config = SAETrainerConfig(
        n_checkpoints=0,
        checkpoint_path=None,
        save_final_checkpoint=False,
        total_training_samples=BATCH * 10_000,
        device="cpu",
        autocast=False,
        lr_scheduler_name="constant",
        adam_beta1=0.9,
        adam_beta2=0.999,
        n_restart_cycles=1,
        train_batch_size_samples=BATCH,
        dead_feature_window=1000,
        feature_sampling_window=2000,
        logger=LoggingConfig(log_to_wandb=False),
        **schedule,
    )
    return SAETrainer(config, sae, nothing()).step


def nothing() -> Iterator[Tensor]:
    """The stream of rows that the trainer asks for and the benchmark does not use."""
    yield from ()


if __name__ == "__main__":
    main()
