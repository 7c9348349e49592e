"""Which SAEs each claim asks for: one function per claim and subject, a NamedTuple of
recipes.

The grids are what the notebooks and `python -m saecore zoo` share, so that a zoo built
beforehand holds exactly what the notebooks will ask for.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from saecore.places import default_root
from saecore.profiles import Profile, WorldProfile, read
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.fetched import smollm2
from saecore.source.fetched.packed_text import PackedText
from saecore.source.model.identity import LanguageModel, identify
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.source.tasks.words import AskedWords
from saecore.source.untaught.context_words import ContextWords
from saecore.source.worlds.rows import World
from saecore.zoo.language_models import known_as
from saecore.zoo.store import Zoo


def members(part: Any) -> list[Any]:
    """The recipes in any part of a grid, each once."""
    return list(dict.fromkeys(_leaves(part)))


def opened(profile: str, world_seed: int = 0) -> tuple[Zoo, Profile]:
    """The default zoo and the subject of a run: what every study begins with.

    `profile` is "tiny", "smollm2" or the folder of a language model. Raises ValueError
    if it is none of these.
    """
    subject = read(profile, world_seed=world_seed)
    return open_zoo(subject), subject


def model_of(profile: Profile) -> LanguageModel:
    """The profile's language model, under the name that the default zoo knows it by."""
    return known_as(identify(profile.folder), default_root())


def open_zoo(profile: Profile) -> Zoo:
    """The default zoo, told where the profile's language model lies.

    A model that has to be fetched is fetched now; raises ZooError if it cannot be.
    """
    if profile.fetched:
        smollm2.ready(profile.folder, source=profile.fetched)
    return Zoo(places={model_of(profile): profile.folder})


def _leaves(tree: Any) -> Iterator[SAERecipe | MetaRecipe | BaselineRecipe]:
    if isinstance(tree, SAERecipe | MetaRecipe | BaselineRecipe):
        yield tree
    else:
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from _leaves(branch)


def model_site(profile: Profile, *, layer: int | None = None, sample: int = 0) -> Site:
    """The residual stream of the profile's language model on the text of the profile:
    what it sampled itself, or fetched English.
    """
    text = model_text(profile)
    return Site(
        text,
        layer=profile.layer if layer is None else layer,
        sample=sample,
        rows=text.sequences * (text.length - 1),
        dtype=profile.dtype,
    )


def model_text(profile: Profile, *, share: int = 1) -> SampledText | PackedText:
    """What the profile's language model reads, or a `share`-th of it."""
    model, sequences = model_of(profile), profile.sequences // share
    length, seed = profile.length, profile.world_seed
    if profile.text == "english":
        return PackedText(model, sequences, length, seed=seed)
    return SampledText(model, sequences, length, seed=seed, special=profile.special)


def less_text_site(profile: Profile, share: int) -> Site:
    """`model_site` with a `share`-th of its text: fewer unique rows."""
    text = model_text(profile, share=share)
    return Site(text, layer=profile.layer, dtype=profile.dtype)


def world_site(profile: Profile, sizes: WorldProfile, *, sample: int = 0) -> Site:
    """Rows of the world of features that belongs to the profile's world seed."""
    return Site(World(seed=profile.world_seed), sample=sample, rows=sizes.sample_rows)


def asked_site(profile: Profile) -> Site:
    """The residual stream at the words of the questions that teach the profile's
    language model.
    """
    return Site(asked_words(profile), layer=profile.layer, dtype=profile.dtype)


def word_site(profile: Profile) -> Site:
    """The residual stream at words that have a first letter: where SAEs of words learn.

    Those of the questions that were taught, or of balanced words in many contexts for a
    model that was taught none.
    """
    if not profile.in_context:
        return asked_site(profile)
    words = ContextWords(
        model_of(profile),
        a_letter=profile.word_samples,
        contexts=profile.word_contexts,
        seed=profile.world_seed,
    )
    return Site(words, layer=profile.layer, dtype=profile.dtype)


def asked_words(profile: Profile) -> AskedWords:
    return AskedWords(model_of(profile), seed=profile.world_seed)


def moved_to(recipe: SAERecipe, site: Site) -> SAERecipe:
    return replace(recipe, site=site)
