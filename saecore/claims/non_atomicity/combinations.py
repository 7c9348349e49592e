"""Rows of a larger SAE as combinations of latents of a smaller one: the claim's own
words, without a meta-SAE. And the toy in which the parts are known.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.meta.cluster_null import k_means
from saecore.measures.meta.variance_explained import (
    by_pursuit,
    isotropic,
    principal_axes,
    random_rows,
)
from saecore.recipes.meta import MetaRecipe
from saecore.report import mean
from saecore.shapes import Directions

SMALL = "latents of the small SAE"
OWN_DIRECTIONS = ("k-means centres", "random rows")
"""As many directions of the larger SAE's own as the smaller one has latents."""
Shares = dict[str, list[float]]
"""Centred variance of held-out rows explained, by dictionary, seed by seed."""


class ColourShapePairs(NamedTuple):
    """The toy of Leask et al., figure 2: latents for all pairs of a colour and a
    shape.
    """

    pairs: Float[Tensor, "pair d_model"]
    """Three colours plus three shapes: nine rows."""
    parts: dict[str, Float[Tensor, "part d_model"]]
    """Six directions that may rebuild them, by what they are."""


def colours_and_shapes() -> ColourShapePairs:
    """Nine pairs of a colour and a shape, and four choices of six parts."""
    generator = draws("by hand")
    colours, shapes = (
        unit_rows(torch.randn(3, 24, generator=generator)) for _ in range(2)
    )
    pairs = (colours[:, None] + shapes[None]).flatten(0, 1)
    lent = 0.3 * unit_rows(torch.randn(1, 24, generator=generator))
    parts = {
        "the true colours and shapes": torch.cat([colours, shapes]),
        "colours + c, shapes - c": torch.cat([colours + lent, shapes - lent]),
        "six of the pairs themselves": pairs[[0, 1, 3, 5, 7, 8]],
        "six random directions": isotropic(pairs, 6, generator=generator),
    }
    return ColourShapePairs(pairs, parts)


def combined(found: MetaSAEs, kind: str = "relu") -> Shares:
    """Variance of held-out rows that k latents of the smallest SAE explain, with
    weights that are not negative, and k of other directions that were made of the rows
    trained on.
    """
    generator = draws("nulls")
    seeds = [_combined(found, recipe, generator) for recipe in found.of(kind)]
    return {name: [one[name] for one in seeds] for name in seeds[0]}


def _combined(
    found: MetaSAEs, recipe: MetaRecipe, generator: Generator
) -> dict[str, float]:
    rows, train, held = found.rows(recipe)
    known, small = rows[train], found.narrow(recipe)
    centre, count = known.mean(0), min(len(small), len(known))
    axes = principal_axes(known)
    atoms: dict[str, Directions] = {
        SMALL: small - centre,
        "k-means centres": k_means(known, count),
        "random rows": random_rows(known, count, generator=generator) - centre,
        "meta-latents": found.metas[recipe].W_dec,
        "principal axes, both ways": torch.cat([axes, -axes]),
        "random directions": isotropic(known, count, generator=generator),
    }
    how = {"count": found.k, "centre": centre, "signed": False}
    return {
        name: by_pursuit(one, rows[held], **how).centred for name, one in atoms.items()
    }


def beside_own(found: MetaSAEs, shares: Shares) -> WithNull:
    """Latents of the smaller SAE beside the better of the larger one's own centres and
    rows.
    """
    return found.beside(shares[SMALL], {name: shares[name] for name in OWN_DIRECTIONS})


def combined_rows(found: MetaSAEs, shares: Shares) -> list[dict[str, Any]]:
    """A row per dictionary, the best first, with its interval over seeds."""
    order = sorted(shares, key=lambda name: -mean(shares[name]))
    rows = []
    for name in order:
        share = found.over_few(shares[name])
        ends = {"from": share.low, "to": share.high}
        rows.append({"dictionary": name, "explained": share.estimate} | ends)
    return rows
