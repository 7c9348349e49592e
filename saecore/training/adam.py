"""Adam for the weights of SAEs: decoder rows stay unit vectors."""

import math

import numpy as np
import torch
from torch import Tensor

from saecore.compiled.availability import serves
from saecore.training.gradients import Parameters

BETAS, EPS = (0.9, 0.99), 1e-8


class Adam:
    """Adam (Kingma and Ba 1412.6980) on a set of weights, in place, with its moments.

    The gradient of a direction (a row of W_dec) loses its part along the direction,
    which is then made a unit vector again. `faster` multiplies the learning rate of
    some weights.
    """

    def __init__(self, weights: Parameters, faster: dict[str, float]) -> None:
        self.weights, self.faster, self.steps = weights, faster, 0
        self.first = {name: torch.zeros_like(w) for name, w in weights.items()}
        self.second = {name: torch.zeros_like(w) for name, w in weights.items()}
        self.compiled = serves(*weights.values())
        self._arrays = {}
        if self.compiled:
            kept = zip(
                weights.items(), self.first.values(), self.second.values(), strict=True
            )
            self._arrays = {
                name: [_rows(x) for x in (w, m, v)] for (name, w), m, v in kept
            }

    def step(self, gradients: Parameters, lr: float) -> None:
        """One step on the weights that have a gradient."""
        self.steps += 1
        for name, gradient in gradients.items():
            rate = lr * self.faster.get(name, 1.0)
            (self._compiled if self.compiled else self._plain)(name, gradient, rate)

    def _corrections(self, lr: float) -> tuple[float, float]:
        """Size of a step, and what the root of the second moment is multiplied by."""
        first, second = (1 - beta**self.steps for beta in BETAS)
        return lr / first, 1 / math.sqrt(second)

    def _compiled(self, name: str, gradient: Tensor, lr: float) -> None:
        from saecore.compiled.adam_rows import step_rows

        weight, first, second = self._arrays[name]
        size, root = self._corrections(lr)
        betas = np.float32(BETAS[0]), np.float32(BETAS[1])
        numbers = np.float32(size), np.float32(root), np.float32(EPS)
        unit = name == "W_dec"
        step_rows(weight, _rows(gradient), first, second, betas, *numbers, unit)

    def _plain(self, name: str, gradient: Tensor, lr: float) -> None:
        weight, first, second = (
            self.weights[name],
            self.first[name],
            self.second[name],
        )
        size, root = self._corrections(lr)
        if name == "W_dec":
            gradient = gradient - (gradient * weight).sum(1, keepdim=True) * weight
        first.lerp_(gradient, 1 - BETAS[0])
        second.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        weight.addcdiv_(first, second.sqrt().mul_(root).add_(EPS), value=-size)
        if name == "W_dec":
            weight /= weight.norm(dim=1, keepdim=True)


def _rows(x: Tensor) -> np.ndarray:
    """The same numbers as an array of rows; a vector is one row."""
    return x.contiguous().view(-1, x.shape[-1]).numpy()
