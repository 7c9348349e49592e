"""A training step of each peer as a candidate, at its defaults and at its fastest.

Each takes the step that the peer's own trainer takes, with the bookkeeping that it
does, on the rows it is given. Where a peer cannot be imported, ImportError says so.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from ours import LR, Step
from shapes import Shape
from torch import Tensor


def naive(shape: Shape) -> Step:
    """Plain PyTorch: dense arrays, autograd, Adam; JumpReLU costs what ReLU does."""
    w_dec = torch.nn.functional.normalize(torch.randn(shape.width, shape.d_model))
    w_enc = w_dec.t().clone()
    b_enc, b_dec = torch.zeros(shape.width), torch.zeros(shape.d_model)
    weights = [one.requires_grad_() for one in (w_enc, b_enc, w_dec, b_dec)]
    optimiser = torch.optim.Adam(weights, lr=LR)
    chosen = kept(shape)

    def step(x: Tensor) -> None:
        latents = chosen((x - b_dec) @ w_enc + b_enc)
        penalty = 0.0 if "topk" in shape.kind else 0.1 * latents.sum(1).mean()
        loss = (latents @ w_dec + b_dec - x).square().sum(1).mean() + penalty
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return step


def kept(shape: Shape) -> Callable[[Tensor], Tensor]:
    """The activation function, dense."""

    def chosen(pre: Tensor) -> Tensor:
        if "topk" not in shape.kind:
            return pre.relu()
        flat = pre.flatten()[None] if shape.kind == "batchtopk" else pre
        count = shape.k * (len(pre) if shape.kind == "batchtopk" else 1)
        best = flat.topk(count, dim=1)
        empty = torch.zeros_like(flat)
        return empty.scatter(1, best.indices, best.values.relu()).view_as(pre)

    return chosen


def sae_lens(shape: Shape, **options: Any) -> Step:
    """A step of SAELens' trainer; `options` are those of its SAE."""
    import sae_lens as lens
    from sae_lens.training.sae_trainer import SAETrainer

    own: dict[str, Any] = {"d_in": shape.d_model, "d_sae": shape.width, **options}
    sae: Any = {
        "topk": lambda: lens.TopKTrainingSAE(
            lens.TopKTrainingSAEConfig(k=shape.k, **own)
        ),
        "batchtopk": lambda: lens.BatchTopKTrainingSAE(
            lens.BatchTopKTrainingSAEConfig(k=shape.k, **own)
        ),
        "relu": lambda: lens.StandardTrainingSAE(
            lens.StandardTrainingSAEConfig(l1_coefficient=1.0, **own)
        ),
        "jumprelu": lambda: lens.JumpReLUTrainingSAE(
            lens.JumpReLUTrainingSAEConfig(**own)
        ),
    }[shape.kind]()
    return SAETrainer(sae_lens_schedule(shape.batch), sae, nothing()).step


def sae_lens_schedule(batch: int) -> Any:
    """A constant learning rate, no checkpoints, no logging."""
    from sae_lens.config import LoggingConfig, SAETrainerConfig

    nowhere: dict[str, Any] = {"n_checkpoints": 0, "checkpoint_path": None}
    rates = {"lr": LR, "lr_end": LR, "lr_warm_up_steps": 0, "lr_decay_steps": 0}
    return SAETrainerConfig(
        **nowhere,
        **rates,  # pyright: ignore[reportArgumentType]
        save_final_checkpoint=False,
        total_training_samples=batch * 10_000,
        device="cpu",
        autocast=False,
        lr_scheduler_name="constant",
        adam_beta1=0.9,
        adam_beta2=0.999,
        n_restart_cycles=1,
        train_batch_size_samples=batch,
        dead_feature_window=1000,
        feature_sampling_window=2000,
        logger=LoggingConfig(log_to_wandb=False),
    )


def sae_lens_fastest(shape: Shape) -> Step:
    """SAELens without its rescaling by decoder norms, TopK with sparse activations:
    the fastest setting that works (with the rescaling, sparse ones fail).
    """
    options = {"topk": {"use_sparse_activations": True}}.get(shape.kind, {})
    return sae_lens(shape, rescale_acts_by_decoder_norm=False, **options)


def dictionary_learning(shape: Shape) -> Step:
    """A step of dictionary_learning's trainer at its defaults; its first one, which
    sets the bias, is left out.
    """
    from dictionary_learning.trainers.batch_top_k import BatchTopKTrainer  # pyright: ignore
    from dictionary_learning.trainers.top_k import TopKTrainer  # pyright: ignore

    trainer = {"topk": TopKTrainer, "batchtopk": BatchTopKTrainer}[shape.kind](
        steps=100_000,
        activation_dim=shape.d_model,
        dict_size=shape.width,
        k=shape.k,
        layer=0,
        lm_name="none",
        device="cpu",
    )
    return lambda x: trainer.update(1, x)


def sparsify(shape: Shape, *, adam: bool = False) -> Step:
    """A step as sparsify's trainer takes it, by its default optimiser or by Adam."""
    from sparsify import SparseCoder, SparseCoderConfig  # pyright: ignore

    sae = SparseCoder(
        shape.d_model, SparseCoderConfig(num_latents=shape.width, k=shape.k)
    )
    optimiser = torch.optim.Adam(sae.parameters(), lr=LR) if adam else signum(sae)
    fired, since = torch.zeros(2, shape.width, dtype=torch.int64)

    def step(x: Tensor) -> None:
        sae.set_decoder_norm_to_unit_norm()
        out = sae(x=x)
        fired[out.latent_indices.flatten()] = 1
        out.fvu.backward()
        sae.remove_gradient_parallel_to_decoder_directions()
        optimiser.step()
        optimiser.zero_grad()
        since.add_(len(x)).mul_(1 - fired)
        fired.zero_()

    return step


def signum(sae: Any) -> Any:
    """sparsify's default: the sign of the gradient, without a schedule."""
    from schedulefree import ScheduleFreeWrapper  # pyright: ignore
    from sparsify.sign_sgd import SignSGD  # pyright: ignore

    optimiser = ScheduleFreeWrapper(SignSGD(sae.parameters(), lr=LR), momentum=0.95)
    optimiser.train()
    return optimiser


def at_medium(make: Callable[[Shape], Step]) -> Callable[[Shape], Step]:
    """The same candidate under PyTorch's float32 matmul precision "medium", which its
    user may set; on many processors it is as exact and faster.
    """

    def made(shape: Shape) -> Step:
        step = make(shape)

        def run(x: Tensor) -> None:
            torch.set_float32_matmul_precision("medium")
            try:
                step(x)
            finally:
                torch.set_float32_matmul_precision("highest")

        return run

    return made


def nothing() -> Iterator[Tensor]:
    """The stream of rows that a trainer asks for and a benchmark does not use."""
    yield from ()
