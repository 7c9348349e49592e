"""Which bases the interpretability claim compares SAEs with: recipes for the zoo."""

from typing import NamedTuple

from saecore.profiles import Profile, WorldProfile
from saecore.zoo.baselines import BaselineRecipe
from saecore.zoo.grids import members, model_site, world_site

DRAWS = 3  # of random directions, and of rows that ICA is fitted on


class BasesGrid(NamedTuple):
    """The recipes of the bases."""

    model: dict[str, list[BaselineRecipe]]
    """By name, on the base site: one recipe, or one per draw."""
    axes: dict[int, BaselineRecipe]
    """Principal axes by layer."""
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
            "coordinates": [BaselineRecipe(site, "coordinates")],
            "random directions": [BaselineRecipe(site, "random", seed=seed) for seed in range(DRAWS)],
            "PCA": [BaselineRecipe(site, "pca")],
            "ICA": [BaselineRecipe(site, "ica", seed=seed) for seed in range(DRAWS)],
        },
        axes={layer: BaselineRecipe(model_site(profile, layer=layer), "pca") for layer in profile.layers},
        world={"PCA": BaselineRecipe(world, "pca"), "ICA": BaselineRecipe(world, "ica")},
    )
