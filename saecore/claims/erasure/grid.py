"""Which SAEs and bases the erasure claim asks for."""

from typing import NamedTuple

from saecore.claims.interpretability.bases import bases
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.claims.sites import members, model_site, moved_to
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.sae import SAERecipe


class ErasureGrid(NamedTuple):
    """The base setting at the layers where gender is erased, over all seeds."""

    saes: dict[int, list[SAERecipe]]
    """By layer, the base layer first."""
    axes: dict[int, BaselineRecipe]
    """The principal components of these layers."""

    def recipes(self) -> list[SAERecipe | BaselineRecipe]:
        """All of them, each once."""
        return members(tuple(self))


def erasure_grid(profile: Profile) -> ErasureGrid:
    """The base layer and the next one of the profile, where there is one."""
    base = model_seeds(profile).base
    axes = bases(profile, WorldProfile()).layers["PCA"]
    later = [layer for layer in profile.layers if layer > profile.layer][:1]
    saes = {profile.layer: base} | {
        layer: [moved_to(one, model_site(profile, layer=layer)) for one in base]
        for layer in later
    }
    return ErasureGrid(saes, {layer: axes[layer] for layer in saes})
