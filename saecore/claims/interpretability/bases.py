"""Which bases the interpretability claim compares SAEs with: recipes for the zoo."""

from typing import NamedTuple

from saecore.claims.sites import members, model_site, world_site
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.baselines import BaselineRecipe

BASIS_KINDS = {
    "coordinates": "coordinates",
    "random directions": "random",
    "PCA": "pca",
    "ICA": "ica",
}
DRAWN = ("random", "ica")
"""Kinds that are drawn: random directions, and the rows that ICA is fitted on."""
BASIS_DRAWS = 3
"""How often they are drawn."""


class BasesGrid(NamedTuple):
    """The recipes of the bases."""

    model: dict[str, list[BaselineRecipe]]
    """By name, on the base site: one recipe, or one per draw."""
    layers: dict[str, dict[int, BaselineRecipe]]
    """By name, then layer: one recipe each."""
    world: dict[str, BaselineRecipe]
    """PCA and ICA on the world of features."""

    def recipes(self) -> list[BaselineRecipe]:
        """All of them, each once."""
        return members(tuple(self))


def bases(profile: Profile, sizes: WorldProfile) -> BasesGrid:
    """Coordinates, random directions, PCA and ICA."""
    site, world = model_site(profile), world_site(profile, sizes)
    return BasesGrid(
        model={
            name: [
                BaselineRecipe(site, kind, seed=seed)
                for seed in range(BASIS_DRAWS if kind in DRAWN else 1)
            ]
            for name, kind in BASIS_KINDS.items()
        },
        layers={
            name: {
                layer: BaselineRecipe(model_site(profile, layer=layer), kind)
                for layer in profile.layers
            }
            for name, kind in BASIS_KINDS.items()
        },
        world={
            "PCA": BaselineRecipe(world, "pca"),
            "ICA": BaselineRecipe(world, "ica"),
        },
    )
