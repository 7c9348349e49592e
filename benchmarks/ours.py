"""A step of the zoo's trainer as a candidate."""

from collections.abc import Callable

import torch
from shapes import Shape
from torch import Tensor

from saecore.recipes.sae import PENALISED, SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.training.lockstep import Block

Step = Callable[[Tensor], object]
LR = 1e-5
"""So small that hundreds of steps leave the share of active latents as it is."""


def block(shape: Shape) -> Block:
    """SAEs of a shape, at the sparsity that they have for most of a training."""
    recipe = SAERecipe(
        Site(World()), shape.kind, shape.width, shape.k, batch=shape.batch
    )
    made = Block(recipe, range(shape.saes), shape.d_model)
    if shape.kind in PENALISED:
        sparser(made, shape)
    return made


def sparser(made: Block, shape: Shape) -> None:
    """Shift the biases of one that a penalty controls, so that k latents of each
    isotropic row are active.
    """
    weights = made.weights
    floor = weights["log_threshold"].exp() if "log_threshold" in weights else 0.0
    weights["b_enc"] += floor - level(weights["W_enc"], shape.k)
    made.l0.fill_(shape.k)


def level(w_enc: Tensor, k: int) -> float:
    """What k latents of each isotropic row exceed."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(256, w_enc.shape[1], generator=generator) / w_enc.shape[1] ** 0.5
    return float((x @ w_enc.t()).flatten().topk(256 * k).values[-1])


def ours(shape: Shape) -> Step:
    """A step of the trainer as the zoo takes it."""
    made = block(shape)

    def step(x: Tensor) -> None:
        with torch.no_grad():
            made.step(x, lr=LR)

    return step


def pure(shape: Shape) -> Step:
    """The same without compiled loops: every operation is torch's."""
    from saecore.compiled import availability  # pyright: ignore

    compiled = availability.available

    def without(run: Callable[[], object]) -> None:
        availability.available = lambda: False
        try:
            run()
        finally:
            availability.available = compiled

    made: list[Step] = []
    without(lambda: made.append(ours(shape)))
    return lambda x: without(lambda: made[0](x))
