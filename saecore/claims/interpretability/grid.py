"""Which SAEs the interpretability claim asks for, on the language model and in toy
worlds.
"""

from dataclasses import replace
from typing import NamedTuple

from saecore.claims.seed_dependence.grid import ARCHITECTURES, model_seeds
from saecore.claims.sites import members, model_site
from saecore.profiles import Profile
from saecore.recipes.sae import Frozen, SAERecipe
from saecore.source.model.language_model import LanguageModel, identify
from saecore.source.model.texts import ReadText
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.zoo.language_models import untrained_model
from saecore.zoo.store import Zoo

KS = (4, 8, 32)
"""Active latents per row along the frontier."""
FROZEN: tuple[Frozen, ...] = ("decoder", "encoder")
"""Halves of an SAE that training leaves alone, as controls (Korznikov et al.
2602.14111).
"""
TOY_WIDTHS = (64, 128, 256)
"""Half, one and two times as many latents as there are features."""
TOY_KS = (2, 4, 8, 16)
"""Active latents per row in the toy worlds, where 4.6 features are active."""
TOY_ROWS = 500_000
"""Rows seen in training there."""


class InterpretabilityGrid(NamedTuple):
    """The recipes of the interpretability claim on the language model."""

    base: list[SAERecipe]
    """TopK at the base width and k, over seeds: what the verdicts are about."""
    frontier: dict[str, dict[int, SAERecipe]]
    """By architecture, then k: one SAE at the base width."""
    widths: dict[str, dict[int, SAERecipe]]
    """By architecture, then width: one SAE at the base k."""
    layers: dict[int, list[SAERecipe]]
    """The base setting by layer, over seeds."""
    frozen: dict[str, list[SAERecipe]]
    """By the half that stayed at its random start: the base setting, over seeds."""
    tied: list[SAERecipe]
    """The paper's SAE (tied ReLU, twice as wide as the model), over seeds."""
    narrow: SAERecipe
    """The base setting with half as many latents as the model has dimensions."""

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


class RecoveryGrid(NamedTuple):
    """ReLU SAEs in a world whose features all fire on their own, and in one where some
    go together.
    """

    independent: dict[tuple[int, int], SAERecipe]
    """By width and L0."""
    correlated: dict[tuple[int, int], SAERecipe]
    """The same."""

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members(tuple(self))


def frontier(profile: Profile) -> InterpretabilityGrid:
    """All six architectures at three sparsities, the widths and the layers (most serve
    the seed claim too), the paper's own SAE, and SAEs of which one half is frozen.
    """
    seeds = model_seeds(profile)
    base = seeds.base[: profile.few_seeds]
    one = SAERecipe(
        model_site(profile), "topk", profile.width, profile.k, rows=profile.rows
    )
    kinds = (*ARCHITECTURES, "matryoshka")
    return InterpretabilityGrid(
        base=base,
        frontier={
            kind: {k: one.sweep(architecture=[kind], k=[k])[0] for k in KS}
            for kind in kinds
        },
        widths={
            kind: {
                w: one.sweep(architecture=[kind], width=[w])[0] for w in profile.widths
            }
            for kind in kinds
        },
        layers=seeds.layers,
        frozen={
            f"frozen {half}": [replace(one, frozen=half) for one in base]
            for half in FROZEN
        },
        tied=[
            replace(one, architecture="relu", tied=True, width=_twice(profile))
            for one in base
        ],
        narrow=replace(one, width=min(profile.widths) // 2),
    )


def _twice(profile: Profile) -> int:
    """Twice as many latents as the model has dimensions, as in the paper's figure 2."""
    return 2 * min(profile.widths)


def untrained_saes(
    profile: Profile, zoo: Zoo, *, blank: LanguageModel | None = None
) -> list[SAERecipe]:
    """The base setting on a language model of the same shape that was never trained and
    reads the same text, over few seeds: `blank`, by default the zoo's own untrained
    twin, written if it is missing.
    """
    site = model_site(profile)
    blank = blank or identify(untrained_model(profile.folder, root=zoo.root))
    read = Site(ReadText(site.text, blank), layer=site.layer, dtype=site.dtype)
    return [replace(one, site=read) for one in frontier(profile).base]


def toy_world(*, correlated: bool = False, seed: int = 0) -> World:
    """128 features in 64 dimensions that fire alone, or half of them in six topics that
    correlate.

    A quarter of the size of the toy model behind Cunningham et al. (2309.08600;
    replicate_toy_models.py: 512 in 256). There, five features are meant to be active
    and one is, as probabilities decay without being raised again; here 4.6 are.
    Strengths are N(1, .15), not uniform.
    """
    return World(
        seed=seed, parents=0, children=0, entities=0, groups=(), background=128,
        background_probability=(0.2, 0.03), topics=6 if correlated else 0,
    )  # fmt: skip


def recovery_grid(profile: Profile) -> RecoveryGrid:
    """The toy grid: sparsity by width, in both worlds, one seed. L0 in place of the L1
    coefficient, so that the axes mean the same at every width."""

    def one(correlated: bool) -> dict[tuple[int, int], SAERecipe]:
        site = Site(
            toy_world(correlated=correlated, seed=profile.world_seed),
            rows=TOY_ROWS // 2,
        )
        return {
            (width, k): SAERecipe(site, "relu", width, k, rows=TOY_ROWS)
            for width in TOY_WIDTHS
            for k in TOY_KS
        }

    return RecoveryGrid(one(False), one(True))
