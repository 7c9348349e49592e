"""Which SAEs the claim on incompleteness asks for: widths, each over its seeds."""

from dataclasses import replace
from typing import NamedTuple

from saecore.claims.seed_dependence.grid import model_seeds, world_seeds
from saecore.claims.sites import members, model_site
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.sae import SAERecipe

STITCHED = (1, 2, 4, 8, 16)  # widths of the stitching claim, in multiples of d_model


STITCHED_L0 = 16
LONGER = 3
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

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


def stitching_grid(profile: Profile) -> StitchGrid:
    """Incompleteness on the language model: ReLU at L0 16 in five widths; TopK as in
    the seed claim.
    """
    d_model = profile.widths[0]
    one = SAERecipe(
        model_site(profile), "relu", d_model, STITCHED_L0, rows=profile.rows
    )
    few = {"seed": range(profile.few_seeds)}
    relu = {n * d_model: one.sweep(width=[n * d_model], **few) for n in STITCHED}
    longer = [replace(one, rows=LONGER * one.rows) for one in relu[d_model]]
    return StitchGrid(relu, model_seeds(profile).widths["topk"], tuple(longer))


def world_stitching_grid(profile: Profile, sizes: WorldProfile) -> StitchGrid:
    """Incompleteness on the world of features: the SAEs of the seed claim, by width;
    those of the base pair with all of its seeds, since an SAE there takes a second.
    """
    widths = world_seeds(profile, sizes).widths
    narrow = min(sizes.widths)
    for by_width in widths.values():
        for width in {narrow, 4 * narrow} & set(by_width):
            by_width[width] = by_width[width][0].sweep(seed=range(sizes.seeds))
    return StitchGrid(widths["relu"], widths["topk"])
