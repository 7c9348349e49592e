"""Which SAEs the check of the absorption metrics asks for on planted rows."""

from typing import NamedTuple

from saecore.claims.sites import members, model_site
from saecore.profiles import Profile
from saecore.recipes.sae import SAERecipe
from saecore.source.planted import Planted
from saecore.source.site import Site

SEEN_ROWS = 600_000
"""Rows seen in training: 15 SAEs take less than a CPU minute."""
MOST_PAIRS = 16


class PlantedGrid(NamedTuple):
    """The recipes on planted rows; each list is one setting over its seeds."""

    site: Site
    """The language model's rows with the families in them."""
    planted: Planted
    """What was planted: the truth."""
    widths: dict[str, dict[int, list[SAERecipe]]]
    """By architecture (TopK, ReLU), then width."""
    ks: dict[int, list[SAERecipe]]
    """TopK by k, at the larger width."""

    @property
    def settings(self) -> dict[str, list[SAERecipe]]:
        """Every setting once, by a readable name."""
        lists = [
            recipes for by in self.widths.values() for recipes in by.values()
        ] + list(self.ks.values())
        return {
            f"{r[0].architecture}, width {r[0].width}, k {r[0].k:g}": r for r in lists
        }

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members((self.widths, self.ks))


def planted_grid(profile: Profile) -> PlantedGrid:
    """Families planted in the layer that all claims are shown on, and SAEs of two
    widths and two k.

    Sixteen hierarchical families with three children of a fifth of their parent's rows
    each, and as many independent ones, or fewer where d_model (the profile's smallest
    width) has no room for their directions.
    """
    planting = Planted(
        model_site(profile), pairs=min(MOST_PAIRS, profile.widths[0] // 10)
    )
    site = Site(planting)
    one = SAERecipe(
        site=site, architecture="topk", width=profile.width, k=profile.k, rows=SEEN_ROWS
    )
    few = {"seed": range(profile.few_seeds)}
    return PlantedGrid(
        site=site,
        planted=planting,
        widths={
            kind: {
                w: one.sweep(architecture=[kind], width=[w], **few)
                for w in profile.widths[:2]
            }
            for kind in ("topk", "relu")
        },
        ks={k: one.sweep(k=[k], **few) for k in profile.ks[:2]},
    )
