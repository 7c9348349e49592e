"""The shapes that are measured: those of the goals, and those that this book trains."""

from typing import NamedTuple

import torch
from torch import Tensor

from saecore.recipes.sae import Architecture


class Shape(NamedTuple):
    """A training step: the architecture, its sizes, and how many SAEs side by side."""

    kind: Architecture
    d_model: int
    width: int
    k: int
    batch: int = 2048
    saes: int = 1

    @property
    def name(self) -> str:
        """By what a goal refers to it; rows and SAEs are named where they differ."""
        size = f"{self.kind} {self.d_model} {self.width} k {self.k}"
        rows = f" batch {self.batch}" if self.batch != 2048 else ""
        return size + rows + (f" x {self.saes}" if self.saes > 1 else "")

    @property
    def operations(self) -> float:
        """Of the encoder in one step: 2 B d F for each SAE."""
        return 2.0 * self.batch * self.d_model * self.width * self.saes

    @property
    def row(self) -> dict[str, str | int]:
        """Its columns in a table."""
        return {"shape": self.name, **self._asdict()}


def batches(shape: Shape, count: int = 4) -> list[Tensor]:
    """Isotropic rows of mean square norm 1, as SAEs are trained on."""
    generator = torch.Generator().manual_seed(0)
    size = (count, shape.batch, shape.d_model)
    return list(torch.randn(*size, generator=generator) / shape.d_model**0.5)


WIDTHS = (512, 1024, 2048, 4096, 8192)
BY_WIDTH = [Shape("topk", 128, width, 32) for width in WIDTHS]
LARGE = [Shape("topk", 768, 8192, 32), Shape("topk", 768, 24576, 64)]
BATCHTOPK = [Shape("batchtopk", 128, width, 32) for width in (2048, 8192)]
DENSITIES = (0.5, 0.16, 0.025, 0.006)
BY_DENSITY = [
    Shape(kind, 128, 8192, round(density * 8192))
    for kind in ("relu", "jumprelu")
    for density in DENSITIES
]
KINDS: tuple[Architecture, ...] = (
    *("topk", "batchtopk", "matryoshka"),
    *("relu", "gated", "jumprelu"),
)
SIZES = ((64, 256, 5), (160, 160, 16), (160, 640, 16), (160, 2560, 16))
"""d_model, width and k of the SAEs of the world and of the language model."""
BOOK = [Shape(kind, *size, batch=1024) for kind in KINDS for size in SIZES]
STACKS = [
    Shape(kind, *size, batch=1024, saes=saes)
    for kind in ("topk", "batchtopk")
    for size in ((64, 256, 5), (160, 640, 16))
    for saes in (1, 2, 4, 8)
]
BY_ROWS = [
    Shape("topk", 128, 2048, 32, batch=rows) for rows in (256, 512, 1024, 2048, 4096)
]
