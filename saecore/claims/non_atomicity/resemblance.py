"""Closest latents of a smaller SAE: how near meta-latents come to them, and how near
directions do that are no parts.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.meta.cluster_null import k_means
from saecore.report import mean

CLOSE = 0.7
"""A cosine above which Leask et al. call two latents similar (section 4.2)."""
META = "meta-latents"
BANDWIDTH = 0.04
"""Of the kernel under which the most frequent cosine is found."""


class Closest(NamedTuple):
    """Closest cosines with latents of a smaller SAE."""

    width: int
    """Latents of the smaller SAE."""
    cosines: dict[str, list[Float[Tensor, " direction"]]]
    """By what is compared, an array per seed: meta-latents, as many k-means centres,
    all rows of the larger SAE (what a random one gives).
    """

    @property
    def nulls(self) -> dict[str, list[Tensor]]:
        """All but the meta-latents."""
        return {name: each for name, each in self.cosines.items() if name != META}


def closest(
    found: MetaSAEs, kind: str = "relu", *, width: int | None = None
) -> Closest:
    """Largest cosine with a latent of the smaller SAE of the same seed, by default the
    narrowest.
    """
    width = min(found.small) if width is None else width
    seeds = []
    for recipe in found.of(kind):
        rows, train, held = found.rows(recipe)
        narrow = found.narrow(recipe, width)
        centres = k_means(rows[train], recipe.width) + rows[train].mean(0)
        compared = {
            META: found.metas[recipe].W_dec,
            "k-means centres": centres,
            "rows of the large SAE": rows[torch.cat([train, held])],
        }
        seeds.append(
            {
                name: nearest(unit_rows(one), narrow).value[:, 0]
                for name, one in compared.items()
            }
        )
    return Closest(width, {name: [one[name] for one in seeds] for name in seeds[0]})


def mode(cosines: Float[Tensor, " direction"]) -> float:
    """The most frequent cosine, by a Gaussian kernel: what "peaks near" means."""
    grid = torch.linspace(0, 1, 201, dtype=torch.float64)
    far = (grid[:, None] - cosines.double()) / BANDWIDTH
    return float(grid[far.square().mul(-0.5).exp().sum(1).argmax()])


def median(cosines: Float[Tensor, " direction"]) -> float:
    """The median."""
    return float(cosines.double().median())


def resemblance(found: MetaSAEs, near: Closest) -> WithNull:
    """Median closest cosine of meta-latents, beside that of the nearer of the nulls."""
    nulls = {name: list(map(median, each)) for name, each in near.nulls.items()}
    return found.beside(list(map(median, near.cosines[META])), nulls)


def pooled_mode(near: Closest, name: str = META) -> float:
    """Most frequent closest cosine of all seeds together; that of one seed's few
    meta-latents is not steady.
    """
    return mode(torch.cat(near.cosines[name]))


def closest_histograms(near: Closest, bins: int = 25) -> dict[str, list[float]]:
    """Density of the closest cosines of all seeds together, from 0 to 1: the columns of
    a table.
    """
    edges = torch.linspace(0, 1, bins + 1)
    counts = {
        name: torch.histogram(torch.cat(each), edges, density=True).hist.tolist()
        for name, each in near.cosines.items()
    }
    return {"from": edges[:-1].tolist(), "to": edges[1:].tolist()} | counts


def closest_rows(found: MetaSAEs) -> list[dict[str, Any]]:
    """Closest cosines for two widths of the smaller SAE, means over seeds: table."""
    least = min(found.small)
    return [
        {
            "width of the small SAE": near.width,
            "of": name,
            "median closest cosine": mean(map(median, each)),
            "most frequent": pooled_mode(near, name),
            f"share above {CLOSE}": mean((one > CLOSE).double().mean() for one in each),
        }
        for near in (closest(found, width=width) for width in (least, 4 * least))
        for name, each in near.cosines.items()
    ]


def wider(found: MetaSAEs) -> WithNull:
    """`resemblance` with a small SAE four times as wide."""
    return resemblance(found, closest(found, width=4 * min(found.small)))
