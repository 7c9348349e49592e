"""Closest latents of a smaller SAE: how near meta-latents come to them, and how near
any latent of the larger SAE does.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.report import mean

CLOSE = 0.7
"""A cosine above which Leask et al. call two latents similar (section 4.2)."""


class Closest(NamedTuple):
    """Closest cosines with latents of a smaller SAE, one array per seed."""

    width: int
    """Latents of the smaller SAE."""
    meta: list[Float[Tensor, " meta"]]
    """Of each meta-latent."""
    large: list[Float[Tensor, " latent"]]
    """Of each latent of the larger SAE: the null."""


def closest(
    found: MetaSAEs, kind: str = "relu", *, width: int | None = None
) -> Closest:
    """Largest cosine of each meta-latent with a latent of the smaller SAE of the same
    seed, by default the narrowest; beside that of each latent of the larger SAE.
    """
    meta, large = [], []
    width = min(found.small) if width is None else width
    for recipe in found.of(kind):
        narrow = found.narrow(recipe, width)
        own, rows = found.metas[recipe].W_dec, found.saes[recipe.sae].W_dec
        meta.append(nearest(unit_rows(own), narrow).value[:, 0])
        large.append(nearest(unit_rows(rows), narrow).value[:, 0])
    return Closest(width, meta, large)


def resemblance(found: MetaSAEs, kind: str = "relu") -> WithNull:
    """Median closest cosine of meta-latents with latents of the smallest SAE, beside
    that of the larger SAE's own latents.
    """
    near = closest(found, kind)
    return WithNull(
        *(found.over_seeds(one.median() for one in each) for each in near[1:])
    )


def closest_histograms(near: Closest, bins: int = 25) -> dict[str, list[float]]:
    """Density of the closest cosines of all seeds together, from 0 to 1: the columns of
    a table.
    """
    edges = torch.linspace(0, 1, bins + 1)
    counts = {
        name: torch.histogram(torch.cat(each), edges, density=True).hist.tolist()
        for name, each in (
            ("meta-latents", near.meta),
            ("all latents of the large SAE (null)", near.large),
        )
    }
    return {"from": edges[:-1].tolist(), "to": edges[1:].tolist()} | counts


def closest_rows(found: MetaSAEs) -> list[dict[str, Any]]:
    """Closest cosines for two widths of the smaller SAE, means over seeds: table."""
    least = min(found.small)
    seen = [closest(found, width=width) for width in (least, 4 * least)]
    return [
        {
            "width of the small SAE": near.width,
            "of": name,
            "median closest cosine": mean(one.median() for one in each),
            f"share above {CLOSE}": mean((one > CLOSE).double().mean() for one in each),
        }
        for near in seen
        for name, each in (
            ("meta-latents", near.meta),
            ("latents of the large SAE", near.large),
        )
    ]
