"""Which SAEs the claim on absorption asks for."""

from dataclasses import replace
from typing import NamedTuple

from saecore.claims.seed_dependence.grid import model_seeds
from saecore.claims.sites import asked_site, members, model_site, moved_to
from saecore.profiles import Profile
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import LanguageModel, identify
from saecore.source.site import Site
from saecore.source.tasks.words import AskedWords, TextWords
from saecore.zoo.language_models import untrained_model
from saecore.zoo.store import Zoo

ABSORPTION_KS = (4, 8, 16)


class AbsorptionGrid(NamedTuple):
    """The recipes of the absorption claim on the language model; each list is one
    setting over its seeds.
    """

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


def absorption_grid(profile: Profile) -> AbsorptionGrid:
    """Absorption: SAEs of words, half as many rows as elsewhere in batches half as
    large.
    """
    one = SAERecipe(
        asked_site(profile),
        "topk",
        profile.width,
        profile.k,
        rows=profile.rows // 2,
        batch=512,
    )
    few = {"seed": range(profile.few_seeds)}
    text = model_site(profile)
    at_words = Site(TextWords(text.text), layer=profile.layer, dtype=profile.dtype)
    words = replace(one, site=at_words)
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
        matryoshka={
            w: one.sweep(architecture=["matryoshka"], width=[w], **few)
            for w in profile.widths[1:]
        },
        text_words=words.sweep(**few),
        everywhere=model_seeds(profile).base[: profile.few_seeds],
    )


def untrained_words(
    profile: Profile, zoo: Zoo, *, blank: LanguageModel | None = None
) -> list[SAERecipe]:
    """The base setting of `absorption` on a language model of the same shape that was
    never trained: `blank`, by default the zoo's own untrained twin, written if it is
    missing.
    """
    blank = blank or identify(untrained_model(profile.folder, root=zoo.root))
    site = replace(
        asked_site(profile), source=AskedWords(blank, seed=profile.world_seed)
    )
    return [moved_to(absorption_grid(profile).base[0], site)]
