"""Gaussian rows with the mean and covariance of another site: all that its rows share
with them.

An SAE that is trained on them finds whatever the covariance alone offers. What two such
SAEs share, or one of them and an SAE of the real rows, needs no features.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.seeding import stable_seed
from saecore.source.changed_rows import ChangedRows
from saecore.source.site import Site

GAUSSIAN_ROWS = 8192
"""Rows that share one seed; another value draws other rows."""
PRICE = 1.5e9
"""Cost of drawing, in the units of `Source.price`."""


@dataclass(frozen=True)
class GaussianRows(ChangedRows):
    """As many Gaussian rows as a site has, with its mean and covariance."""

    called: ClassVar[str] = "gaussian"
    costs: ClassVar[float] = PRICE

    site: Site
    seed: int = 0

    def blocks(
        self, rows: Float[Tensor, "row d_model"]
    ) -> Iterator[Float[Tensor, "part d_model"]]:
        """Gaussian rows of the moments of `rows`, as many, 8,192 at a time:
        mean + noise Lambda^1/2 U^T, where the covariance is U Lambda U^T.
        """
        mean = rows.mean(0, dtype=torch.float64)
        centred = ((part.double() - mean) for part in rows.split(GAUSSIAN_ROWS))
        covariance = sum(part.T @ part for part in centred) / len(rows)
        values, axes = torch.linalg.eigh(torch.as_tensor(covariance))
        root = values.clamp(min=0).sqrt()[:, None] * axes.T
        for number, part in enumerate(rows.split(GAUSSIAN_ROWS)):
            generator = torch.Generator().manual_seed(
                stable_seed("gaussian rows", self.seed, number)
            )
            noise = torch.randn(*part.shape, generator=generator, dtype=torch.float64)
            yield (mean + noise @ root).to(rows.dtype)
