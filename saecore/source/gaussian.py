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
from saecore.source.model.language_model import LanguageModel
from saecore.source.site import Given, RowBlocks, Site

GAUSSIAN_ROWS = 8192
"""Rows that share one seed; another value draws other rows."""
PRICE = 1.5e9
"""Cost of drawing, in the units of `Source.price`."""


@dataclass(frozen=True)
class GaussianRows:
    """As many Gaussian rows as a site has, with its mean and covariance."""

    layered: ClassVar[bool] = False
    sampled: ClassVar[bool] = False
    whole: ClassVar[bool] = True

    site: Site
    seed: int = 0

    @property
    def model(self) -> LanguageModel | None:
        """That of the site whose covariance is taken."""
        return self.site.model

    def rests_on(self, site: Site) -> tuple[Site]:
        """The site whose covariance is taken."""
        return (self.site,)

    def count(self, site: Site) -> int | None:
        """As many as there were."""
        return self.site.count

    def place(self, site: Site) -> str:
        """That of the site whose covariance is taken."""
        return f"gaussian-{self.site.slug}"

    def hook_name(self, site: Site) -> str:
        """That of the site whose covariance is taken."""
        return self.site.hook_name

    def price(self, site: Site) -> float:
        """About the same for all."""
        return PRICE

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The rows, block after block."""
        rows = given.get(self.site)
        return RowBlocks(len(rows), rows.shape[1], self.blocks(rows))

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
