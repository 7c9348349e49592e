"""Variance of decoder rows explained: by meta-SAEs, by their nulls, and by dictionaries
that nobody fitted to these rows.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.measures.algebra.intervals import Interval
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.meta.variance_explained import (
    StrawMan,
    VarianceExplained,
    by_encoding,
    by_pursuit,
    isotropic,
    nulls,
    straw_man,
)
from saecore.recipes.meta import MetaRecipe
from saecore.report import by_setting, mean
from saecore.report.figures import NAMES

SMALL = "latents of the small SAE"


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


def held_out(found: MetaSAEs, recipe: MetaRecipe) -> VarianceExplained:
    """Variance explained of the rows that the meta-SAE was not trained on."""
    rows, _, held = found.rows(recipe)
    return by_encoding(found.metas[recipe], rows[held])


def explained_beside_null(found: MetaSAEs, kind: str = "relu") -> WithNull:
    """Variance explained of held-out rows, centred, beside rows of the same mean and
    covariance that have no structure.
    """
    real, structureless = (
        [held_out(found, recipe).centred for recipe in recipes]
        for recipes in (found.of(kind), found.grid.same_covariance[kind])
    )
    return WithNull(found.over_seeds(real), found.over_seeds(structureless))


class MetaScores(NamedTuple):
    """What one meta-SAE explains."""

    own: VarianceExplained
    """Of the rows that it was trained on, by its encoder."""
    held: VarianceExplained
    """Of the held-out rows, by its encoder."""
    pursued: VarianceExplained
    """Of the held-out rows, by pursuit over its directions."""


def meta_scores(found: MetaSAEs, recipe: MetaRecipe) -> MetaScores:
    """Variance explained by a meta-SAE, on its own rows, on others, and at best."""
    rows, train, held = found.rows(recipe)
    meta = found.metas[recipe]
    best = by_pursuit(meta.W_dec, rows[held], count=found.k, centre=meta.b_dec)
    return MetaScores(by_encoding(meta, rows[train]), held_out(found, recipe), best)


class ComparedDictionaries(NamedTuple):
    """Variance explained by dictionary; each list has one entry per seed."""

    metas: dict[str, list[MetaScores]]
    """By what the meta-SAE was trained and judged on."""
    others: dict[str, list[VarianceExplained]]
    """Dictionaries without an encoder, on held-out rows by pursuit."""
    own: float
    """Mean share of the rows trained on, not centred: as the paper counts."""
    pursued: Interval
    """The meta-SAE's directions by pursuit, held out, centred."""
    small: Interval
    """Latents of the small SAE by pursuit, held out, centred."""

    def rows(self) -> list[dict[str, Any]]:
        """A row per dictionary, means over seeds."""
        own, held = "rows trained on, not centred", "held-out rows, centred"
        pursued = "its directions by pursuit, held out"
        metas = [
            {"dictionary": name}
            | {own: mean(one.own.plain for one in seeds)}
            | {held: mean(one.held.centred for one in seeds)}
            | {pursued: mean(one.pursued.centred for one in seeds)}
            for name, seeds in self.metas.items()
        ]
        others = [
            {"dictionary": name, pursued: mean(one.centred for one in seeds)}
            for name, seeds in self.others.items()
        ]
        return metas + others


def compared_dictionaries(found: MetaSAEs) -> ComparedDictionaries:
    """Variance explained of the rows of ReLU SAEs by all dictionaries, `k` directions a
    row.
    """
    grid, generator = found.grid, draws("nulls")
    kinds = {
        "meta-SAE": grid.base,
        "meta-SAE of same-covariance rows": grid.same_covariance["relu"],
        "meta-SAE of isotropic rows": grid.gaussian,
    }
    metas = {
        name: [meta_scores(found, recipe) for recipe in recipes]
        for name, recipes in kinds.items()
    }
    seeds = [_others(found, recipe, generator) for recipe in grid.base]
    others = {name: [one[name] for one in seeds] for name in seeds[0]}
    return ComparedDictionaries(
        metas,
        others,
        own=mean(one.own.plain for one in metas["meta-SAE"]),
        pursued=found.over_seeds(one.pursued.centred for one in metas["meta-SAE"]),
        small=found.over_seeds(one.centred for one in others[SMALL]),
    )


def _others(
    found: MetaSAEs, recipe: MetaRecipe, generator: torch.Generator
) -> dict[str, VarianceExplained]:
    rows, train, held = found.rows(recipe)
    return nulls(
        rows[train],
        rows[held],
        count=recipe.width,
        active=found.k,
        generator=generator,
        small=found.narrow(recipe),
    )


def published_baseline(found: MetaSAEs) -> StrawMan:
    """Random baseline as published, for the first seed: random directions under the
    trained encoder.
    """
    first = found.grid.base[0]
    rows = found.rows(first).rows
    return straw_man(found.metas[first], rows, generator=draws("straw man"))


class ExplainedByWidth(NamedTuple):
    """Variance explained of held-out rows, centred, by architecture of the SAE."""

    curves: dict[str, dict[int, Interval]]
    """By the number of meta-latents."""
    nulls: dict[str, Interval]
    """Rows of the same covariance, at the base number of meta-latents."""
    gains: dict[str, Interval]
    """Meta-SAE less its null, seed by seed."""
    width: int
    """The base number of meta-latents."""

    def rows(self) -> list[dict[str, Any]]:
        """A row per setting, the nulls last."""
        curves = {
            (kind, width): point
            for kind, points in self.curves.items()
            for width, point in points.items()
        }
        curves |= {
            (f"{NAMES[kind]}, same covariance", self.width): point
            for kind, point in self.nulls.items()
        }
        return by_setting(curves, key=("SAE", "meta-latents"))


def by_width(found: MetaSAEs) -> ExplainedByWidth:
    """Variance explained against the number of meta-latents, for both architectures."""
    held = {
        kind: {
            width: [held_out(found, recipe).centred for recipe in recipes]
            for width, recipes in widths.items()
        }
        for kind, widths in found.grid.metas.items()
    }
    base = found.grid.base[0].width
    chance = {
        kind: [held_out(found, recipe).centred for recipe in recipes]
        for kind, recipes in found.grid.same_covariance.items()
    }
    return ExplainedByWidth(
        {
            kind: {width: found.over_seeds(one) for width, one in widths.items()}
            for kind, widths in held.items()
        },
        {kind: found.over_seeds(one) for kind, one in chance.items()},
        {
            kind: found.over_seeds(
                a - b for a, b in zip(held[kind][base], one, strict=True)
            )
            for kind, one in chance.items()
        },
        base,
    )
