"""Which SAEs each claim asks for: one function per claim and subject, a NamedTuple of
recipes.

The grids are what the notebooks and `python -m saecore zoo` share, so that a zoo built
beforehand holds exactly what the notebooks will ask for.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from saecore.profiles import Profile, WorldProfile, read
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import identify
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.source.tasks.words import AskedWords
from saecore.source.worlds.rows import World
from saecore.zoo.store import Zoo


def members(part: Any) -> list[Any]:
    """The recipes in any part of a grid, each once."""
    return list(dict.fromkeys(_leaves(part)))


def opened(profile: str, world_seed: int = 0) -> tuple[Zoo, Profile]:
    """The default zoo and the subject of a run: what every study begins with.

    `profile` is "tiny" or the folder of a language model. Raises ValueError if it is
    neither.
    """
    subject = read(profile, world_seed=world_seed)
    return open_zoo(subject), subject


def open_zoo(profile: Profile) -> Zoo:
    """The default zoo, told where the profile's language model lies."""
    return Zoo(places={identify(profile.folder): profile.folder})


def _leaves(tree: Any) -> Iterator[SAERecipe | MetaRecipe | BaselineRecipe]:
    if isinstance(tree, SAERecipe | MetaRecipe | BaselineRecipe):
        yield tree
    else:
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from _leaves(branch)


def model_site(profile: Profile, *, layer: int | None = None, sample: int = 0) -> Site:
    """The residual stream of the profile's language model on text that it sampled
    itself.
    """
    text = SampledText(
        identify(profile.folder),
        sequences=profile.sequences,
        length=profile.length,
        seed=profile.world_seed,
    )
    rows = profile.sequences * (profile.length - 1)
    return Site(
        text,
        layer=profile.layer if layer is None else layer,
        sample=sample,
        rows=rows,
        dtype=profile.dtype,
    )


def world_site(profile: Profile, sizes: WorldProfile, *, sample: int = 0) -> Site:
    """Rows of the world of features that belongs to the profile's world seed."""
    return Site(World(seed=profile.world_seed), sample=sample, rows=sizes.sample_rows)


def asked_site(profile: Profile) -> Site:
    """The residual stream at the words of the questions that teach the profile's
    language model.
    """
    return Site(asked_words(profile), layer=profile.layer, dtype=profile.dtype)


def asked_words(profile: Profile) -> AskedWords:
    return AskedWords(identify(profile.folder), seed=profile.world_seed)


def moved_to(recipe: SAERecipe, site: Site) -> SAERecipe:
    return replace(recipe, site=site)
