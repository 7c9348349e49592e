"""The recipe of an explorer of latents: which SAEs it shows, and which meta-SAE."""

from dataclasses import dataclass
from typing import Any, ClassVar

from saecore.recipes import keys
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site

SHOWN_SEEDS = 2
"""Seeds of the base setting that the book's explorer shows."""
LATENT_SHOWN = 200.0
"""Cost of a row and a latent that is shown, in the units of `Recipe.cost`."""


@dataclass(frozen=True)
class ExplorerRecipe:
    """Every latent of some SAEs that learnt from one language model's own text, and
    every meta-latent of the first one's meta-SAE.

    Raises ValueError unless all SAEs read one sampled text at one layer.
    """

    folder: ClassVar[str] = "explorers"

    saes: tuple[SAERecipe, ...]
    """The first is shown first."""
    meta: MetaRecipe

    def __post_init__(self) -> None:
        sites = {one.site for one in self.saes}
        if len(sites) != 1 or self.meta.sae != self.saes[0]:
            raise ValueError(
                "an explorer shows SAEs of one site and the meta-SAE of the first, but "
                f"{len(self.saes)} SAEs of {len(sites)} sites and a meta-SAE of "
                f"{self.meta.sae.slug} were given: choose others"
            )
        _ = self.site.text

    @property
    def site(self) -> Site:
        """What all of them read."""
        return self.saes[0].site

    @property
    def needs(self) -> tuple[Any, ...]:
        """The SAEs, the meta-SAE, the rows and the text."""
        return (*self.saes, self.meta, self.site, self.site.text)

    @property
    def cost(self) -> float:
        """So much a row and latent."""
        return LATENT_SHOWN * self.site.n_rows * sum(one.width for one in self.saes)

    @property
    def key(self) -> str:
        """sha256 of everything that was asked for."""
        return keys.key(self)

    @property
    def slug(self) -> str:
        """A readable name, not unique by itself."""
        return f"{len(self.saes)}-saes-{self.site.slug}"


def shown_name(recipe: SAERecipe | MetaRecipe) -> str:
    """What a dictionary is called in the explorer, and in addresses of its latents.

    >>> from saecore.source.site import Site
    >>> from saecore.source.worlds.world import World
    >>> shown_name(SAERecipe(Site(World()), "topk", 64, 3, seed=1))
    'topk-64-seed1'
    """
    kind = "meta" if isinstance(recipe, MetaRecipe) else recipe.architecture
    return f"{kind}-{recipe.width}-seed{recipe.seed}"


def latent_cell(recipe: SAERecipe | MetaRecipe, latent: int, said: str = "") -> str:
    """A latent as a cell of `report.table`, which links it to the explorer under the
    words `said`, by default its number.
    """
    return f"{said} explorer:{shown_name(recipe)}/{latent}".strip()
