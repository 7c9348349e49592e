"""Meta-SAEs of one subject as the claim's sections use them, with the SAEs whose
decoder rows they learned from.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, SupportsFloat

from jaxtyping import Bool, Float
from torch import Tensor

from saecore.claims import sites
from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
from saecore.claims.non_atomicity.grid import MetaGrid, meta_grid, world_meta_grid
from saecore.measures.algebra import intervals
from saecore.measures.algebra.nearest import unit_rows
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim, mean
from saecore.shapes import Directions
from saecore.training.decoder_rows import DecoderRows, decoder_rows, live_latents
from saecore.zoo.sae import SAE, configuration
from saecore.zoo.store import Zoo

Triple = tuple[float, float, float]
RuleNumbers = dict[str, Triple | None]
"""What `Claim.judge` decides by, by the names of the rule."""


class WithNull(NamedTuple):
    """A measure beside its null, each with its interval."""

    found: intervals.Interval
    """Of the meta-SAEs."""
    null: intervals.Interval
    """Of the strongest of what knows nothing of parts."""
    excess: intervals.Interval
    """The difference, seed by seed."""
    name: str = ""
    """What the strongest null is, where there are several."""


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
    """The meta-SAEs, those of rows without parts included, at exactly k a row."""
    live: dict[SAERecipe, Bool[Tensor, " latent"]]
    """Which latents of an SAE fire, known once it was asked for."""
    known: dict[MetaRecipe, DecoderRows]
    """Decoder rows, known once they were asked for."""

    @property
    def k(self) -> int:
        """Number of directions that may rebuild a row."""
        return round(self.claim.constants["k"])

    def over_seeds(self, values: Iterable[SupportsFloat]) -> intervals.Interval:
        """Student's interval of one number per seed, at the rule's confidence."""
        level = self.claim.constants["confidence"]
        return intervals.over_seeds([float(value) for value in values], level=level)

    def over_few(self, values: Sequence[float]) -> intervals.Interval:
        """The same; of one seed alone, a number without an interval."""
        if len(values) > 1:
            return self.over_seeds(values)
        (value,) = values
        level = self.claim.constants["confidence"]
        return intervals.Interval(value, value, value, math.nan, level)

    def beside(self, found: list[float], nulls: dict[str, list[float]]) -> WithNull:
        """One number per seed beside the largest of its nulls, on average."""
        name = max(nulls, key=lambda one: mean(nulls[one]))
        excess = [a - b for a, b in zip(found, nulls[name], strict=True)]
        own, null, more = map(self.over_few, (found, nulls[name], excess))
        return WithNull(own, null, more, name)

    def of(self, kind: str) -> list[MetaRecipe]:
        """The meta-SAEs at the base width of SAEs of an architecture, one per seed."""
        return self.grid.metas[kind][self.grid.base[0].width]

    def rows(self, recipe: MetaRecipe) -> DecoderRows:
        """What a meta-SAE learned from, and what was held back."""
        if recipe not in self.known:
            sae, live = self.saes[recipe.sae], None
            if not recipe.planted:
                live = self.firing(recipe.sae)
            self.known[recipe] = decoder_rows(recipe, sae, live)
        return self.known[recipe]

    def firing(self, recipe: SAERecipe) -> Bool[Tensor, " latent"]:
        """The latents of an SAE that fire."""
        if recipe not in self.live:
            rows = self.zoo.get(recipe.site)
            self.live[recipe] = live_latents(self.saes[recipe], rows)
        return self.live[recipe]

    def uses(self, recipe: MetaRecipe) -> Float[Tensor, "latent meta"]:
        """How strongly each latent of the SAE uses each meta-latent."""
        return self.metas[recipe].encode(self.rows(recipe).rows)

    def narrow(self, recipe: MetaRecipe, width: int | None = None) -> Directions:
        """Unit decoder rows of the narrower SAE of the same seed; by default the
        narrowest.
        """
        recipes = self.small[min(self.small) if width is None else width]
        return unit_rows(self.saes[recipes[recipe.sae.seed]].W_dec)


def of_model(zoo: Zoo, profile: Profile, claim: Claim) -> MetaSAEs:
    """Meta-SAEs of SAEs of the language model, but for those of names."""
    grid = meta_grid(profile, claim)._replace(names=[])
    small = stitching_grid(profile).relu
    return _opened(zoo, profile, claim, grid, small)


def of_names(zoo: Zoo, profile: Profile, claim: Claim) -> MetaSAEs:
    """Meta-SAEs of SAEs of persons' names, and of the base setting of SAEs of text."""
    grid = meta_grid(profile, claim)
    blank = MetaGrid(grid.base, *({} for _ in grid[1:-1]), names=grid.names)
    return _opened(zoo, profile, claim, blank, {})


def meta_saes_of(
    zoo: Zoo, profile: Profile, claim: Claim, metas: list[MetaRecipe]
) -> MetaSAEs:
    """Any meta-SAEs, opened with the SAEs whose rows they learned from."""
    blank = MetaGrid(metas, *({} for _ in MetaGrid._fields[1:-1]), names=[])
    return _opened(zoo, profile, claim, blank, {})


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
    exact = {recipe: exactly(meta, recipe.k) for recipe, meta in metas.items()}
    return MetaSAEs(zoo, profile, claim, grid, small, saes, exact, {}, {})


def exactly(meta: SAE, k: float) -> SAE:
    """A BatchTopK SAE read as TopK: the k latents with the largest pre-activation of
    each row (those above zero), and no threshold, which was set on the rows that were
    trained on.
    """
    size = {"width": meta.width, "d_model": meta.d_model, "metadata": meta.metadata}
    weights = {name: x for name, x in meta.weights.items() if name != "threshold"}
    return SAE(configuration("topk", k=k, **size), weights, meta.log)
