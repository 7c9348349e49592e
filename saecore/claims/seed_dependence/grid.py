"""Which SAEs the claim on seeds asks for, on a language model and in the world of
features.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from saecore.claims.sites import (
    less_text_site,
    members,
    model_site,
    moved_to,
    world_site,
)
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.sae import SAERecipe
from saecore.source.gaussian import GaussianRows
from saecore.source.site import Site

ARCHITECTURES = ("topk", "batchtopk", "relu", "gated", "jumprelu")


class SeedGrid(NamedTuple):
    """The recipes of the seed-dependence claim on one subject; each list is one setting
    over its seeds.
    """

    base: list[SAERecipe]
    """TopK at the base width and k, all seeds."""
    widths: dict[str, dict[int, list[SAERecipe]]]
    """By architecture (TopK, ReLU), then width."""
    ends: dict[int, list[SAERecipe]]
    """TopK at the smallest and at the base width, all seeds: between them the claim
    judges the trend."""
    ks: dict[int, list[SAERecipe]]
    """TopK by k."""
    lengths: dict[int, list[SAERecipe]]
    """TopK by rows seen in training."""
    layers: dict[int, list[SAERecipe]]
    """TopK by layer (empty for the world)."""
    architectures: dict[str, list[SAERecipe]]
    """Every architecture at the base width and the same L0."""
    control: dict[tuple[bool, bool, bool], list[SAERecipe]]
    """Same (True) or other initialisation, batch order, data: one partner for each of
    the first base SAEs (empty for the world)."""
    gaussian: list[SAERecipe]
    """The first base SAEs on Gaussian rows of the site's covariance (empty for the
    world)."""
    less_text: dict[int, list[SAERecipe]]
    """TopK on a half, a third, ... of the text, rows seen as in the base setting: do
    unique rows matter? (empty unless the profile asks for it)."""

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


def model_seeds(profile: Profile) -> SeedGrid:
    """Seed dependence on the language model, with the layer sweep."""
    grid = _seeds(model_site(profile), profile)
    first = grid.base[: profile.few_seeds]
    layers = {
        layer: [moved_to(recipe, model_site(profile, layer=layer)) for recipe in first]
        for layer in profile.layers
    }
    return grid._replace(
        layers=layers,
        control=_control(first, model_site(profile, sample=1)),
        gaussian=[moved_to(one, Site(GaussianRows(one.site))) for one in first],
        less_text={
            share: [moved_to(one, less_text_site(profile, share)) for one in first]
            for share in profile.less_text
        },
    )


def world_seeds(profile: Profile, sizes: WorldProfile) -> SeedGrid:
    """Seed dependence on the world of features."""
    return _seeds(world_site(profile, sizes), sizes)


def _seeds(site: Site, sizes: Profile | WorldProfile) -> SeedGrid:
    one = SAERecipe(
        site=site, architecture="topk", width=sizes.width, k=sizes.k, rows=sizes.rows
    )
    base, few = one.sweep(seed=range(sizes.seeds)), {"seed": range(sizes.few_seeds)}
    narrow = one.sweep(width=[min(sizes.widths)], seed=range(sizes.seeds))
    return SeedGrid(
        base=base,
        widths={
            kind: {
                width: one.sweep(architecture=[kind], width=[width], **few)
                for width in sizes.widths
            }
            for kind in ("topk", "relu")
        },
        ends={min(sizes.widths): narrow, sizes.width: base},
        ks={k: one.sweep(k=[k], **few) for k in sizes.ks},
        lengths={rows: one.sweep(rows=[rows], **few) for rows in sizes.lengths},
        layers={},
        architectures={
            kind: one.sweep(architecture=[kind], **few) for kind in ARCHITECTURES
        },
        control={},
        gaussian=[],
        less_text={},
    )


def _control(
    base: Sequence[SAERecipe], other: Site
) -> dict[tuple[bool, bool, bool], list[SAERecipe]]:
    """For each combination of same and other, a partner for every base SAE."""
    return {
        (init, order, data): [
            replace(
                one,
                seed=one.seed if init else one.seed + len(base),
                data_seed=one.data_seed if order else one.data_seed + 1,
                site=one.site if data else other,
            )
            for one in base
        ]
        for init, order, data in product((True, False), repeat=3)
    }
