"""Which meta-SAEs the claim on non-atomicity asks for."""

from dataclasses import replace
from typing import NamedTuple

from saecore.claims.absorption.grid import ABSORPTION_KS, absorption_grid
from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
from saecore.claims.sites import asked_site, asked_words, members, moved_to
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe


class MetaGrid(NamedTuple):
    """The recipes of the non-atomicity claim on one subject; a list has one meta-SAE
    per seed of the SAE.
    """

    metas: dict[str, dict[int, list[MetaRecipe]]]
    """By the SAEs' architecture, then the meta-SAE's width."""
    same_covariance: dict[str, list[MetaRecipe]]
    """By architecture, at the base width: rows of the same mean and covariance, without
    structure.
    """
    gaussian: list[MetaRecipe]
    """Isotropic rows, at the base width."""
    names: list[MetaRecipe]
    """Of sparse TopK SAEs trained at names alone, where persons have latents (empty for
    the world).
    """

    @property
    def base(self) -> list[MetaRecipe]:
        """Of ReLU SAEs, the paper's architecture, at the base width."""
        return self.metas["relu"][self.gaussian[0].width]

    def recipes(self) -> list[MetaRecipe]:
        """All of them, each once."""
        return members(tuple(self))


def meta_grid(profile: Profile) -> MetaGrid:
    """Non-atomicity on the language model: the widest SAEs of the incompleteness claim,
    20 rows a latent.
    """
    grid = stitching_grid(profile)
    widest = max(grid.relu)
    widths = [widest // 40, widest // 20, widest // 10]
    found = _metas(
        {"relu": grid.relu[widest], "topk": grid.topk[max(grid.topk)]}, widths
    )
    tasks = ("country", "profession", "pronoun")
    persons = replace(
        asked_site(profile), source=replace(asked_words(profile), tasks=tasks)
    )
    wordy = absorption_grid(profile).settings["topk"][
        max(profile.widths), ABSORPTION_KS[0]
    ]
    return found._replace(
        names=[MetaRecipe(moved_to(one, persons), widths[1]) for one in wordy]
    )


def world_meta_grid(profile: Profile, sizes: WorldProfile) -> MetaGrid:
    """Non-atomicity in the world of features: eight rows per meta-latent."""
    grid = world_stitching_grid(profile, sizes)
    widest = max(grid.relu)
    return _metas(
        {"relu": grid.relu[widest], "topk": grid.topk[widest]},
        [widest // 16, widest // 8],
    )


def _metas(saes: dict[str, list[SAERecipe]], widths: list[int]) -> MetaGrid:
    """The second of `widths` is the base."""
    return MetaGrid(
        metas={
            kind: {
                width: [MetaRecipe(one, width) for one in recipes] for width in widths
            }
            for kind, recipes in saes.items()
        },
        same_covariance={
            kind: [
                MetaRecipe(one, widths[1], rows="same_covariance") for one in recipes
            ]
            for kind, recipes in saes.items()
        },
        gaussian=[MetaRecipe(one, widths[1], rows="gaussian") for one in saes["relu"]],
        names=[],
    )
