"""Every SAE, meta-SAE, basis and toy that the notebooks ask for: what `make zoo`
makes.
"""

from collections.abc import Iterable
from typing import Any

from saecore.claims import sites
from saecore.claims.absorption.grid import absorption_grid, untrained_words
from saecore.claims.absorption_metric.grid import planted_grid
from saecore.claims.absorption_toys.grid import toy_grid
from saecore.claims.by_page import asked_by, explored
from saecore.claims.convergence.grid import convergence_grid
from saecore.claims.erasure.grid import erasure_grid
from saecore.claims.gated import asked_only
from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.grid import (
    frontier,
    recovery_grid,
    untrained_saes,
)
from saecore.claims.non_atomicity.grid import meta_grid, world_meta_grid
from saecore.claims.seed_dependence.grid import model_seeds, world_seeds
from saecore.profiles import TINY, Profile, WorldProfile
from saecore.report import Claim
from saecore.zoo.language_models import written_twin
from saecore.zoo.plan import everything_under
from saecore.zoo.store import Zoo


def all_recipes(profile: Profile, *, written: bool = False) -> list[Any]:
    """Every SAE, meta-SAE and basis that the notebooks ask for, each once.

    Some are of the untrained twin of the profile's language model: it is written if it
    is missing, unless only what is `written` counts.
    """
    sizes, claim = WorldProfile(), Claim.read("non_atomicity")
    metas = meta_grid(profile, claim)
    asked = [
        model_seeds(profile),
        world_seeds(profile, sizes),
        absorption_grid(profile),
        planted_grid(profile),
        stitching_grid(profile),
        world_stitching_grid(profile, sizes),
        metas,
        world_meta_grid(profile, sizes, claim),
        frontier(profile),
        recovery_grid(profile),
        bases(profile, sizes),
        erasure_grid(profile),
        convergence_grid(profile, claim),
    ]
    recipes = [recipe for grid in asked for recipe in grid.recipes()]
    recipes += [one.sae for one in (*metas.names, *sites.members(metas.architectures))]
    return list(dict.fromkeys([*recipes, *_untrained(profile, written=written)]))


def _untrained(profile: Profile, *, written: bool) -> list[Any]:
    zoo = sites.open_zoo(profile)
    blank = written_twin(profile.folder, root=zoo.root) if written else None
    grids = (untrained_words, untrained_saes)
    return [recipe for grid in grids for recipe in grid(profile, zoo, blank=blank)]


def possible(
    zoo: Zoo, profile: Profile, pages: Iterable[str] = ()
) -> tuple[list[Any], str]:
    """What to make for some pages of a profile, by default for all, with toys and the
    explorer, and a sentence on what is left out.

    A user's own model may have fewer words of one token than an SAE has latents: SAEs
    of such words are left out, and whatever serves questions that the model cannot
    answer. The sentence is empty if nothing is.
    """
    pages = list(pages)
    asked = [one for page in pages for one in asked_by(page, zoo, profile)]
    if not pages:  # a page may ask for nothing
        toys = toy_grid(world_seed=profile.world_seed).recipes()
        asked = [*all_recipes(profile), *toys, explored(profile)]
    asked, not_asked = asked_only(zoo, profile, asked)
    few = {}
    if profile.folder != TINY and not profile.fetched:
        few = _too_few(zoo, asked, least=profile.width)
    kept = [recipe for recipe in dict.fromkeys(asked) if recipe not in few]
    if not few:
        return kept, not_asked
    return kept, (
        f"left out: {len(few)} SAEs of words, since this model holds too few words as "
        f"one token ({max(few.values())} rows at most, and {profile.width} are "
        "needed); the pages that need them say so"
    )


def _too_few(zoo: Zoo, recipes: Iterable[Any], *, least: int) -> dict[Any, int]:
    """The recipes on words of which there are fewer than `least`, and how many."""
    few = {}
    for recipe in recipes:
        site = getattr(getattr(recipe, "sae", recipe), "site", None)
        if site is None or site.count is not None:
            continue
        if (rows := len(zoo.get(site))) < least:
            few[recipe] = rows
    return few


def artefacts(profile: Profile) -> dict[str, dict[str, float]]:
    """What the notebooks take from the zoo, by kind: how many, their CPU minutes and
    their megabytes.
    """
    wanted = everything_under(all_recipes(profile, written=True))
    found: dict[str, dict[str, float]] = {}
    for held in sites.open_zoo(profile).list():
        if held.recipe in wanted:
            none = {"number": 0, "cpu_minutes": 0.0, "megabytes": 0.0}
            sums = found.setdefault(held.kind, none)
            sums["number"] += 1
            sums["cpu_minutes"] += held.made.get("seconds", 0.0) / 60
            sums["megabytes"] += held.size / 1e6
    return found
