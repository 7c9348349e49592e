"""Which SAEs the claim on absorption asks for."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple, cast

from saecore.claims.seed_dependence.grid import model_seeds
from saecore.claims.sites import (
    members,
    model_site,
    moved_to,
    word_site,
)
from saecore.profiles import Profile
from saecore.recipes.sae import Frozen, SAERecipe
from saecore.source.model.language_model import LanguageModel, identify
from saecore.source.site import Site
from saecore.source.tasks.words import TextWords
from saecore.zoo.language_models import untrained_model
from saecore.zoo.store import Zoo

Place = tuple[str, int, int]
"""An architecture, a width and a number of active latents."""


class AbsorptionGrid(NamedTuple):
    """The recipes of the absorption claim on the language model; each list is one
    setting over its seeds.
    """

    places: dict[Place, list[SAERecipe]]
    """SAEs of asked words: TopK and ReLU over widths with the base's active latents and
    over these at the base's width; the others at the base place alone.
    """
    frozen: dict[Frozen, list[SAERecipe]]
    """Twins of some of them of which one half never learns, by that half."""
    moderate: list[SAERecipe]
    """TopK at the width and k of the other claims, on asked words."""
    text_words: list[SAERecipe]
    """The moderate setting on the words of sampled text."""
    everywhere: list[SAERecipe]
    """The moderate setting on all positions of sampled text."""

    @property
    def base(self) -> list[SAERecipe]:
        """TopK at the profile's place for words: what the verdict is of."""
        return self.places[self.place]

    @property
    def place(self) -> Place:
        """Where the base setting is: the one place that every architecture has."""
        shared = [place[1:] for place in self.places if place[0] == "jumprelu"]
        return "topk", *shared[0]

    @property
    def settings(self) -> dict[str, dict[tuple[int, int], list[SAERecipe]]]:
        """The places by architecture, width and k, with the seeds that all have."""
        few = min(len(some) for some in self.places.values())
        found: dict[str, dict[tuple[int, int], list[SAERecipe]]] = {}
        for (kind, width, k), some in self.places.items():
            found.setdefault(kind, {})[width, k] = some[:few]
        return found

    def at_base(self, kind: str) -> list[SAERecipe]:
        """Another architecture at the width and k of the base."""
        return self.places[kind, *self.place[1:]]

    def along(self, kind: str, axis: str) -> dict[int, list[SAERecipe]]:
        """The settings of an architecture by "width" or by "k", through the base."""
        at, other = (0, 1) if axis == "width" else (1, 0)
        held = self.place[1:][other]
        return {
            place[1:][at]: some
            for place, some in self.places.items()
            if place[0] == kind and place[1:][other] == held
        }

    def twins(self, half: Frozen, recipes: Iterable[SAERecipe]) -> list[SAERecipe]:
        """Of some SAEs those with a frozen half that the grid has."""
        wanted = (replace(recipe, frozen=half) for recipe in recipes)
        return [one for one in wanted if one in self.frozen[half]]

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


def absorption_grid(profile: Profile) -> AbsorptionGrid:
    """Absorption: SAEs of words, half as many rows as elsewhere in batches half as
    large.
    """
    shape = "topk", profile.width, profile.k
    rows = profile.word_rows or profile.rows // 2
    one = SAERecipe(word_site(profile), *shape, rows=rows, batch=512)
    few = {"seed": range(profile.few_seeds)}
    text = model_site(profile)
    at_words = Site(TextWords(text.text), layer=profile.layer, dtype=profile.dtype)
    settings = _settings(one, profile)
    return AbsorptionGrid(
        settings,
        frozen=_frozen(settings, profile),
        moderate=one.sweep(**few),
        text_words=replace(one, site=at_words).sweep(**few),
        everywhere=model_seeds(profile).base[: profile.few_seeds],
    )


def _settings(one: SAERecipe, profile: Profile) -> dict[Place, list[SAERecipe]]:
    width, sparse = profile.word_place
    cross = [(other, sparse) for other in profile.of_words]
    cross += [(width, k) for k in profile.word_ks if k != sparse]
    places = [(kind, *at) for kind in profile.word_sweeps for at in cross]
    kinds = ("topk", "relu", "jumprelu", "matryoshka")
    places += [
        (kind, width, sparse) for kind in kinds if kind not in profile.word_sweeps
    ]
    base = "topk", width, sparse
    few, many = profile.few_seeds, profile.word_seeds
    return {
        place: _seeds(one, *place, many if place == base else few) for place in places
    }


def _seeds(
    one: SAERecipe, kind: str, width: int, k: int, count: int
) -> list[SAERecipe]:
    shape = {"architecture": [kind], "width": [width], "k": [k]}
    return one.sweep(**shape, seed=range(count))


def _frozen(
    settings: dict[Place, list[SAERecipe]], profile: Profile
) -> dict[Frozen, list[SAERecipe]]:
    """Both halves, of TopK and JumpReLU at the base place, few seeds each."""
    at = profile.word_place
    few = [
        one
        for kind in ("topk", "jumprelu")
        for one in settings[kind, *at][: profile.few_seeds]
    ]
    halves: tuple[Frozen, ...] = ("decoder", "encoder")
    return {half: [replace(one, frozen=half) for one in few] for half in halves}


def untrained_words(
    profile: Profile, zoo: Zoo, *, blank: LanguageModel | None = None
) -> list[SAERecipe]:
    """The moderate setting of `absorption` on a language model of the same shape that
    was never trained: `blank`, by default the zoo's own untrained twin, written if it
    is missing.
    """
    blank = blank or identify(untrained_model(profile.folder, root=zoo.root))
    own = word_site(profile)
    site = replace(own, source=replace(cast(Any, own.source), model=blank))
    return [moved_to(absorption_grid(profile).moderate[0], site)]
