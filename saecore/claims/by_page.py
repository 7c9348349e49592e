"""What each page of the book asks of the zoo: what `saecore zoo --only PAGE` makes.

A page's line names parts of the grids of its claim, and rows and texts that it reads
beside those that the SAEs rest on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from saecore.claims import sites
from saecore.claims.absorption.grid import (
    AbsorptionGrid,
    absorption_grid,
    untrained_words,
)
from saecore.claims.absorption_metric.grid import planted_grid
from saecore.claims.absorption_toys.grid import ToyGrid, toy_grid
from saecore.claims.absorption_toys.outcomes import VARIANT_PENALTY
from saecore.claims.erasure.grid import erasure_grid
from saecore.claims.incompleteness.grid import (
    StitchGrid,
    stitching_grid,
    world_stitching_grid,
)
from saecore.claims.incompleteness.held_out import TOPK_WIDTHS
from saecore.claims.interpretability.bases import BasesGrid, bases
from saecore.claims.interpretability.grid import (
    InterpretabilityGrid,
    frontier,
    recovery_grid,
    untrained_saes,
)
from saecore.claims.non_atomicity.grid import (
    MetaGrid,
    meta_grid,
    persons_site,
    world_meta_grid,
)
from saecore.claims.seed_dependence.grid import SeedGrid, model_seeds, world_seeds
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.explorer import SHOWN_SEEDS, ExplorerRecipe
from saecore.report import Claim
from saecore.source.model.language_model import LanguageModel
from saecore.source.site import Site
from saecore.zoo.store import Zoo


@dataclass(frozen=True)
class Grids:
    """The grids of one profile, each built when a page asks for it."""

    profile: Profile
    zoo: Zoo
    sizes: WorldProfile = field(default_factory=WorldProfile)
    blank: LanguageModel | None = None
    """The untrained twin of the language model, if it need not be written."""

    @cached_property
    def seeds(self) -> SeedGrid:
        return model_seeds(self.profile)

    @cached_property
    def world(self) -> SeedGrid:
        return world_seeds(self.profile, self.sizes)

    @cached_property
    def absorption(self) -> AbsorptionGrid:
        return absorption_grid(self.profile)

    @cached_property
    def toys(self) -> ToyGrid:
        return toy_grid(world_seed=self.profile.world_seed)

    @cached_property
    def stitched(self) -> StitchGrid:
        return stitching_grid(self.profile)

    @cached_property
    def metas(self) -> list[MetaGrid]:
        """On the language model, but for those of names, and on the world."""
        claim = Claim.read("non_atomicity")
        model = meta_grid(self.profile, claim)._replace(names=[])
        return [model, world_meta_grid(self.profile, self.sizes, claim)]

    @cached_property
    def bases(self) -> BasesGrid:
        return bases(self.profile, self.sizes)

    @cached_property
    def fidelity(self) -> InterpretabilityGrid:
        return frontier(self.profile)

    @cached_property
    def text(self) -> Site:
        """The site that most SAEs learn from."""
        return sites.model_site(self.profile)

    @cached_property
    def held_out(self) -> Site:
        """Rows of a text that none of these has seen."""
        return sites.model_site(self.profile, sample=1)


def _absorption_effects(on: Grids) -> Any:
    grid = on.absorption
    return grid.along("topk", "width"), grid.moderate


def _absorption_metric(on: Grids) -> Any:
    grid = planted_grid(on.profile)
    return grid.recipes(), grid.site, grid.planted.site, on.world.widths, on.world.ks


def _absorption_toys_more(on: Grids) -> Any:
    grid = on.toys
    some = grid.experiments["noisy magnitude"], grid.experiments["hierarchy"]
    own = grid.fixes, grid.controls, grid.alone, grid.given
    own = *own, grid.magnitudes, grid.trees
    return some, grid.graded[VARIANT_PENALTY], own


def _editing(on: Grids) -> Any:
    frontier = on.fidelity.frontier
    others = [
        one
        for kind, by_k in frontier.items()
        for k, one in by_k.items()
        if kind in ("topk", "relu") or k == on.profile.k
    ]
    return on.seeds.base, others, _editing_bases(on)


def _editing_bases(on: Grids) -> Any:
    return on.bases.layers["PCA"][on.profile.layer], on.bases.model["ICA"][0]


def _erasure(on: Grids) -> Any:
    return erasure_grid(on.profile), on.held_out.text


def _explaining_details(on: Grids) -> Any:
    kinds = [by_k[on.profile.k] for by_k in on.fidelity.frontier.values()]
    return on.fidelity.base, kinds, on.bases.model, on.held_out


def _fidelity(on: Grids) -> Any:
    grid = on.fidelity
    layers = [several[0] for several in grid.layers.values()]
    own = grid.base[0], grid.frontier, grid.widths, layers
    world = on.world.architectures, on.bases.world
    return own, recovery_grid(on.profile), world, on.held_out.text


def _how_many_features(on: Grids) -> Any:
    world = on.world
    settings = world.widths["topk"], world.ends, world.architectures
    rows = on.held_out, on.text, on.text.text
    return on.seeds.base, world.base, settings, rows


def _incompleteness(on: Grids) -> Any:
    world = world_stitching_grid(on.profile, on.sizes)
    return on.stitched, world, on.held_out, on.held_out.text


def _interpretability(on: Grids) -> Any:
    blank = untrained_saes(on.profile, on.zoo, blank=on.blank)
    others = on.bases.model, on.bases.layers, on.held_out
    blank_words = untrained_words(on.profile, on.zoo, blank=on.blank)
    words = on.absorption.moderate[0], blank_words
    return on.fidelity, others, blank, words


def _attribute_edit(on: Grids) -> Any:
    """Meta-SAEs of SAEs that learnt from names alone, and of the world."""
    model = meta_grid(on.profile, Claim.read("attribute_edit"))
    metas = model.names, model.base, on.metas[1]
    small = world_stitching_grid(on.profile, on.sizes).relu
    return metas, [one.sae for one in sites.members(metas)], small


def _non_atomicity(on: Grids) -> Any:
    small = [stitch.relu for stitch in _both_stitched(on)]
    return on.metas, [one.sae for one in sites.members(on.metas)], small


def _both_stitched(on: Grids) -> list[StitchGrid]:
    return [on.stitched, world_stitching_grid(on.profile, on.sizes)]


def _seed_definitions(on: Grids) -> Any:
    grid = on.seeds
    own = grid.base, grid.control, grid.layers, grid.ks, grid.lengths, grid.gaussian
    return (
        own,
        untrained_saes(on.profile, on.zoo, blank=on.blank),
        on.text,
        on.text.text,
    )


def _stitching_details(on: Grids) -> Any:
    topk = list(on.stitched.topk.values())[:TOPK_WIDTHS]
    return on.stitched.relu, on.stitched.longer, topk, on.held_out


PAGES: dict[str, Callable[[Grids], Any]] = {
    "absorption": lambda on: on.absorption,
    "absorption_effects": _absorption_effects,
    "absorption_metric": _absorption_metric,
    "absorption_metric_more": lambda on: on.world.base[0],
    "absorption_thresholds": lambda on: on.absorption.base,
    "absorption_toys": lambda on: (on.toys.experiments, on.toys.graded),
    "absorption_toys_more": _absorption_toys_more,
    "attribute_edit": _attribute_edit,
    "bench": lambda on: (),
    "causal_tree": lambda on: on.seeds.layers,
    "editing": lambda on: (on.seeds.base, _editing_bases(on)),
    "editing_details": lambda on: (
        _editing(on),
        on.seeds.layers,
        on.bases.layers["PCA"],
    ),
    "erasure": _erasure,
    "explaining_details": _explaining_details,
    "explorer": lambda on: explored(on.profile),
    "fidelity": _fidelity,
    "how_many_features": _how_many_features,
    "incompleteness": _incompleteness,
    "interpretability": _interpretability,
    "meta_details": _non_atomicity,
    "non_atomicity": lambda on: (_non_atomicity(on), persons_site(on.profile)),
    "one_width": lambda on: on.stitched.relu,
    "published_matchings": lambda on: (),
    "seed_definitions": _seed_definitions,
    "seed_dependence": lambda on: (
        on.seeds._replace(layers={}, control={}, gaussian=[]),
        on.world,
    ),
    "stitching_details": _stitching_details,
    "subjects": lambda on: (on.text.text, sites.world_site(on.profile, on.sizes)),
    "verdict_seeds": lambda on: (),
}
"""By the page's name: parts of grids, as deeply nested as they come."""


def asked_by(
    page: str, zoo: Zoo, profile: Profile, *, blank: LanguageModel | None = None
) -> list[Any]:
    """The recipes that a page asks for, each once.

    Some are of the untrained twin of the profile's language model: `blank`, by default
    the zoo's own, written if it is missing.
    """
    grids = Grids(profile, zoo, blank=blank)
    return list(dict.fromkeys(_leaves(PAGES[page](grids))))


def _leaves(tree: Any) -> Iterable[Any]:
    if hasattr(tree, "folder"):
        return (tree,)
    branches = tree.values() if isinstance(tree, dict) else tree
    return chain.from_iterable(map(_leaves, branches))


def explored(profile: Profile) -> ExplorerRecipe:
    """The explorer: the widest SAE of the incompleteness claim with its meta-SAE, a
    narrower one, and two seeds of TopK.
    """
    relu = stitching_grid(profile).relu
    first, second = relu[max(relu)][0], relu[profile.width][0]
    meta = meta_grid(profile, Claim.read("non_atomicity")).base[0]
    return ExplorerRecipe(
        (first, second, *model_seeds(profile).base[:SHOWN_SEEDS]), meta
    )
