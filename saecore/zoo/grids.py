"""Which SAEs each claim asks for: one function per claim and subject, a NamedTuple of recipes.

The grids are what the notebooks and `python -m saecore zoo` share, so that a zoo built beforehand holds
exactly what the notebooks will ask for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

from saecore.profiles import Profile, WorldProfile
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.activations import Site
from saecore.source.language_model import LanguageModel, identify
from saecore.source.texts import SampledText
from saecore.source.words import AskedWords, TextWords
from saecore.source.worlds import World
from saecore.zoo.language_models import untrained_model
from saecore.zoo.store import Zoo

ARCHITECTURES = ("topk", "batchtopk", "relu", "gated", "jumprelu")


STITCHED = (1, 2, 4, 8, 16)  # widths of the stitching claim, in multiples of d_model
STITCHED_L0 = 16


class SeedGrid(NamedTuple):
    """The recipes of the seed-dependence claim on one subject; each list is one setting over its seeds."""

    base: list[SAERecipe]
    """TopK at the base width and k, all seeds."""
    widths: dict[str, dict[int, list[SAERecipe]]]
    """By architecture (TopK, ReLU), then width."""
    ks: dict[int, list[SAERecipe]]
    """TopK by k."""
    lengths: dict[int, list[SAERecipe]]
    """TopK by rows seen in training."""
    layers: dict[int, list[SAERecipe]]
    """TopK by layer (empty for the world)."""
    architectures: dict[str, list[SAERecipe]]
    """Every architecture at the base width and the same L0."""
    control: dict[tuple[bool, bool, bool], list[SAERecipe]]
    """Same (True) or other initialisation, batch order, data: one partner for each of the first base SAEs
    (empty for the world)."""

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


ABSORPTION_KS = (4, 8, 16)


class AbsorptionGrid(NamedTuple):
    """The recipes of the absorption claim on the language model; each list is one setting over its seeds."""

    base: list[SAERecipe]
    """TopK at the base width and k, all seeds: SAEs of asked words."""
    settings: dict[str, dict[tuple[int, int], list[SAERecipe]]]
    """By architecture (TopK, ReLU), then width and k, each over few seeds."""
    matryoshka: dict[int, list[SAERecipe]]
    """By width, at the base k: an architecture made to absorb less."""
    text_words: list[SAERecipe]
    """The base setting on the words of sampled text."""
    everywhere: list[SAERecipe]
    """The base setting on all positions of sampled text."""

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


class MetaGrid(NamedTuple):
    """The recipes of the non-atomicity claim on one subject; a list has one meta-SAE per seed of the SAE."""

    metas: dict[str, dict[int, list[MetaRecipe]]]
    """By the SAEs' architecture, then the meta-SAE's width."""
    same_covariance: dict[str, list[MetaRecipe]]
    """By architecture, at the base width: rows of the same mean and covariance, without structure."""
    gaussian: list[MetaRecipe]
    """Isotropic rows, at the base width."""
    names: list[MetaRecipe]
    """Of sparse TopK SAEs trained at names alone, where persons have latents (empty for the world)."""

    @property
    def base(self) -> list[MetaRecipe]:
        """Of ReLU SAEs, the paper's architecture, at the base width."""
        return self.metas["relu"][self.gaussian[0].width]

    def recipes(self) -> list[MetaRecipe]:
        """All of them, each once."""
        return members(tuple(self))


class StitchGrid(NamedTuple):
    """The recipes of the incompleteness claim on one subject: SAEs by width, each width over its seeds."""

    relu: dict[int, list[SAERecipe]]
    """ReLU, the paper's architecture."""
    topk: dict[int, list[SAERecipe]]
    """TopK, whose latents are chosen together."""

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


def members(part: Any) -> list[Any]:
    """The recipes in any part of a grid, each once."""
    return list(dict.fromkeys(_leaves(part)))


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
    """The residual stream of the profile's language model on text that it sampled itself."""
    text = SampledText(
        identify(profile.folder), sequences=profile.sequences, length=profile.length, seed=profile.world_seed
    )
    rows = profile.sequences * (profile.length - 1)
    return Site(text, layer=profile.layer if layer is None else layer, sample=sample, rows=rows)


def world_site(profile: Profile, sizes: WorldProfile, *, sample: int = 0) -> Site:
    """Rows of the world of features that belongs to the profile's world seed."""
    return Site(World(seed=profile.world_seed), sample=sample, rows=sizes.sample_rows)


def model_seeds(profile: Profile) -> SeedGrid:
    """Seed dependence on the language model, with the layer sweep."""
    grid = _seeds(model_site(profile), profile)
    first = grid.base[: profile.few_seeds]
    layers = {
        layer: [_at(recipe, model_site(profile, layer=layer)) for recipe in first] for layer in profile.layers
    }
    return grid._replace(layers=layers, control=_control(first, model_site(profile, sample=1)))


def world_seeds(profile: Profile, sizes: WorldProfile) -> SeedGrid:
    """Seed dependence on the world of features."""
    return _seeds(world_site(profile, sizes), sizes)


def asked_site(profile: Profile) -> Site:
    """The residual stream at the words of the questions that teach the profile's language model."""
    return Site(_asked(profile), layer=profile.layer)


def _asked(profile: Profile) -> AskedWords:
    return AskedWords(identify(profile.folder), seed=profile.world_seed)


def absorption(profile: Profile) -> AbsorptionGrid:
    """Absorption: SAEs of words, half as many rows as elsewhere in batches half as large."""
    one = SAERecipe(asked_site(profile), "topk", profile.width, profile.k, rows=profile.rows // 2, batch=512)
    few = {"seed": range(profile.few_seeds)}
    text = model_site(profile)
    words = replace(one, site=Site(TextWords(text.text), layer=profile.layer))
    return AbsorptionGrid(
        base=one.sweep(seed=range(profile.seeds)),
        settings={
            kind: {
                (width, k): one.sweep(architecture=[kind], width=[width], k=[k], **few)
                for width in profile.widths
                for k in ABSORPTION_KS
            }
            for kind in ("topk", "relu")
        },
        matryoshka={w: one.sweep(architecture=["matryoshka"], width=[w], **few) for w in profile.widths[1:]},
        text_words=words.sweep(**few),
        everywhere=model_seeds(profile).base[: profile.few_seeds],
    )


def untrained_words(profile: Profile, zoo: Zoo, *, blank: LanguageModel | None = None) -> list[SAERecipe]:
    """The base setting of `absorption` on a language model of the same shape that was never trained: `blank`,
    by default the zoo's own untrained twin, written if it is missing.
    """
    blank = blank or identify(untrained_model(profile.folder, root=zoo.root))
    site = replace(asked_site(profile), source=AskedWords(blank, seed=profile.world_seed))
    return [_at(absorption(profile).base[0], site)]


def stitching(profile: Profile) -> StitchGrid:
    """Incompleteness on the language model: ReLU at L0 16 in five widths; TopK as in the seed claim."""
    d_model = profile.widths[0]
    one = SAERecipe(model_site(profile), "relu", d_model, STITCHED_L0, rows=profile.rows)
    few = {"seed": range(profile.few_seeds)}
    relu = {n * d_model: one.sweep(width=[n * d_model], **few) for n in STITCHED}
    return StitchGrid(relu, model_seeds(profile).widths["topk"])


def world_stitching(profile: Profile, sizes: WorldProfile) -> StitchGrid:
    """Incompleteness on the world of features: the SAEs of the seed claim, by width."""
    grid = world_seeds(profile, sizes)
    return StitchGrid(grid.widths["relu"], grid.widths["topk"])


def meta(profile: Profile) -> MetaGrid:
    """Non-atomicity on the language model: the widest SAEs of the incompleteness claim, 20 rows a latent."""
    grid = stitching(profile)
    widest = max(grid.relu)
    widths = [widest // 40, widest // 20, widest // 10]
    found = _metas({"relu": grid.relu[widest], "topk": grid.topk[max(grid.topk)]}, widths)
    tasks = ("country", "profession", "pronoun")
    persons = replace(asked_site(profile), source=replace(_asked(profile), tasks=tasks))
    wordy = absorption(profile).settings["topk"][max(profile.widths), ABSORPTION_KS[0]]
    return found._replace(names=[MetaRecipe(_at(one, persons), widths[1]) for one in wordy])


def world_meta(profile: Profile, sizes: WorldProfile) -> MetaGrid:
    """Non-atomicity in the world of features: eight rows per meta-latent."""
    grid = world_stitching(profile, sizes)
    widest = max(grid.relu)
    return _metas({"relu": grid.relu[widest], "topk": grid.topk[widest]}, [widest // 16, widest // 8])


def _metas(saes: dict[str, list[SAERecipe]], widths: list[int]) -> MetaGrid:
    """The second of `widths` is the base."""
    return MetaGrid(
        metas={
            kind: {width: [MetaRecipe(one, width) for one in recipes] for width in widths}
            for kind, recipes in saes.items()
        },
        same_covariance={
            kind: [MetaRecipe(one, widths[1], rows="same_covariance") for one in recipes]
            for kind, recipes in saes.items()
        },
        gaussian=[MetaRecipe(one, widths[1], rows="gaussian") for one in saes["relu"]],
        names=[],
    )


def _at(recipe: SAERecipe, site: Site) -> SAERecipe:
    return replace(recipe, site=site)


def _seeds(site: Site, sizes: Profile | WorldProfile) -> SeedGrid:
    one = SAERecipe(site=site, architecture="topk", width=sizes.width, k=sizes.k, rows=sizes.rows)
    base, few = one.sweep(seed=range(sizes.seeds)), {"seed": range(sizes.few_seeds)}
    return SeedGrid(
        base=base,
        widths={
            kind: {width: one.sweep(architecture=[kind], width=[width], **few) for width in sizes.widths}
            for kind in ("topk", "relu")
        },
        ks={k: one.sweep(k=[k], **few) for k in sizes.ks},
        lengths={rows: one.sweep(rows=[rows], **few) for rows in sizes.lengths},
        layers={},
        architectures={kind: one.sweep(architecture=[kind], **few) for kind in ARCHITECTURES},
        control={},
    )


def _control(base: Sequence[SAERecipe], other: Site) -> dict[tuple[bool, bool, bool], list[SAERecipe]]:
    """For each combination of same and other, a partner for every base SAE."""
    return {
        (init, order, data): [
            replace(
                one,
                seed=one.seed if init else one.seed + len(base),
                data_seed=one.data_seed if order else one.data_seed + 1,
                site=one.site if data else other,
            )
            for one in base
        ]
        for init, order, data in product((True, False), repeat=3)
    }
