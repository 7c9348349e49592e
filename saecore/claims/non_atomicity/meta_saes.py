"""Meta-SAEs of one subject as the claim's sections use them, with the SAEs whose
decoder rows they learned from.
"""

from collections.abc import Iterable
from typing import NamedTuple, SupportsFloat

from jaxtyping import Float
from torch import Tensor

from saecore.claims import sites
from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
from saecore.claims.non_atomicity.grid import MetaGrid, meta_grid, world_meta_grid
from saecore.measures.algebra import intervals
from saecore.measures.algebra.nearest import unit_rows
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.shapes import Directions
from saecore.training.decoder_rows import DecoderRows, decoder_rows
from saecore.zoo.sae import SAE
from saecore.zoo.store import Zoo


class WithNull(NamedTuple):
    """A measure beside its null, each with its interval over seeds."""

    found: intervals.Interval
    """Of the meta-SAEs."""
    null: intervals.Interval
    """Of what knows nothing of parts."""


class MetaSAEs(NamedTuple):
    """The meta-SAEs of one subject, opened."""

    zoo: Zoo
    """Where they come from."""
    profile: Profile
    """What the run works on."""
    claim: Claim
    """The rule: how many meta-latents are active, and the confidence of intervals."""
    grid: MetaGrid
    """Their recipes."""
    small: dict[int, list[SAERecipe]]
    """Narrower ReLU SAEs of the same rows: by width, then seed."""
    saes: dict[SAERecipe, SAE]
    """The SAEs that have a meta-SAE, and the narrower ones."""
    metas: dict[MetaRecipe, SAE]
    """The meta-SAEs, those of structureless rows included."""

    @property
    def k(self) -> int:
        """Number of directions that may rebuild a row."""
        return round(self.claim.constants["k"])

    def over_seeds(self, values: Iterable[SupportsFloat]) -> intervals.Interval:
        """Student's interval of one number per seed, at the rule's confidence."""
        level = self.claim.constants["confidence"]
        return intervals.over_seeds([float(value) for value in values], level=level)

    def of(self, kind: str) -> list[MetaRecipe]:
        """The meta-SAEs at the base width of SAEs of an architecture, one per seed."""
        return self.grid.metas[kind][self.grid.base[0].width]

    def rows(self, recipe: MetaRecipe) -> DecoderRows:
        """What a meta-SAE learned from, and what was held back."""
        return decoder_rows(recipe, self.saes[recipe.sae])

    def uses(self, recipe: MetaRecipe) -> Float[Tensor, "latent meta"]:
        """How strongly each latent of the SAE uses each meta-latent."""
        return self.metas[recipe].encode(self.rows(recipe).rows)

    def narrow(self, recipe: MetaRecipe, width: int | None = None) -> Directions:
        """Unit decoder rows of the narrower SAE of the same seed; by default the
        narrowest.
        """
        recipes = self.small[min(self.small) if width is None else width]
        return unit_rows(self.saes[recipes[recipe.sae.seed]].W_dec)


def of_model(
    zoo: Zoo, profile: Profile, claim: Claim, *, names: bool = False
) -> MetaSAEs:
    """Meta-SAEs of SAEs of the language model; with those of SAEs of persons' names if
    asked for.
    """
    grid = meta_grid(profile, claim)
    if not names:
        grid = grid._replace(names=[])
    small = stitching_grid(profile).relu
    return _opened(zoo, profile, claim, grid, small)


def of_world(zoo: Zoo, profile: Profile, claim: Claim) -> MetaSAEs:
    """Meta-SAEs of SAEs of the world of features."""
    sizes = WorldProfile()
    grid = world_meta_grid(profile, sizes, claim)
    small = world_stitching_grid(profile, sizes).relu
    return _opened(zoo, profile, claim, grid, small)


def _opened(
    zoo: Zoo,
    profile: Profile,
    claim: Claim,
    grid: MetaGrid,
    small: dict[int, list[SAERecipe]],
) -> MetaSAEs:
    metas = zoo.get_all(grid.recipes())
    saes = zoo.get_all([recipe.sae for recipe in metas] + sites.members(small))
    return MetaSAEs(zoo, profile, claim, grid, small, saes, metas)
