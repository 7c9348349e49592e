"""Which SAEs the claim on incompleteness asks for: widths, each over its seeds."""

from dataclasses import replace
from typing import NamedTuple

from saecore.claims.seed_dependence.grid import model_seeds, world_seeds
from saecore.claims.sites import members, model_site
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.sae import SAERecipe

STITCHED_L0 = 16
TIMES_AS_LONG = 3
"""Times as many rows, for narrow SAEs that are trained longer."""


class StitchGrid(NamedTuple):
    """The recipes of the incompleteness claim on one subject: SAEs by width, each width
    over its seeds.
    """

    relu: dict[int, list[SAERecipe]]
    """ReLU, the paper's architecture."""
    topk: dict[int, list[SAERecipe]]
    """TopK, whose latents are chosen together."""
    longer: tuple[SAERecipe, ...] = ()
    """The narrowest ReLU SAEs, trained longer: is what they lack a matter of time?"""
    more: tuple[SAERecipe, ...] = ()
    """Further seeds of some of the widths."""

    @property
    def all_seeds(self) -> dict[str, dict[int, list[SAERecipe]]]:
        """By architecture and width, with the further seeds."""
        every = {"relu": self.relu, "topk": self.topk}
        return {
            kind: {
                width: some
                + [
                    one
                    for one in self.more
                    if (one.architecture, one.width) == (kind, width)
                ]
                for width, some in by_width.items()
            }
            for kind, by_width in every.items()
        }

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


def stitching_grid(profile: Profile) -> StitchGrid:
    """Incompleteness on the language model: ReLU at L0 16 in the profile's widths;
    TopK as in the seed claim.
    """
    d_model = profile.widths[0]
    one = SAERecipe(
        model_site(profile), "relu", d_model, STITCHED_L0, rows=profile.rows
    )
    few = {"seed": range(profile.few_seeds)}
    relu = {
        n * d_model: one.sweep(width=[n * d_model], **few) for n in profile.stitched
    }
    longer = [replace(one, rows=TIMES_AS_LONG * one.rows) for one in relu[d_model]]
    return StitchGrid(relu, model_seeds(profile).widths["topk"], tuple(longer))


def world_stitching_grid(profile: Profile, sizes: WorldProfile) -> StitchGrid:
    """Incompleteness on the world of features: the SAEs of the seed claim, by width;
    of the base pair also all further seeds, since an SAE there takes a second.
    """
    widths, narrow = world_seeds(profile, sizes).widths, min(sizes.widths)
    further = range(sizes.few_seeds, sizes.seeds)
    more = [
        one
        for by_width in widths.values()
        for width in (narrow, 4 * narrow)
        if width in by_width
        for one in by_width[width][0].sweep(seed=further)
    ]
    return StitchGrid(widths["relu"], widths["topk"], more=tuple(more))
