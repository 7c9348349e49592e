"""Which meta-SAEs the claim on non-atomicity asks for.

How many meta-latents are active and which share of the decoder rows is trained on are
constants of the claim's rule.
"""

from dataclasses import replace
from typing import NamedTuple

from saecore.claims.absorption.grid import ABSORPTION_KS, absorption_grid
from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
from saecore.claims.sites import asked_site, asked_words, members, moved_to
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.source.site import Site
from saecore.source.tasks.templates import Task
from saecore.source.tasks.words import AskedWords

PERSON_ATTRIBUTES: tuple[Task, ...] = ("country", "profession", "pronoun")
"""What the language model was taught about persons."""


class MetaGrid(NamedTuple):
    """The recipes of the non-atomicity claim on one subject; a list has one meta-SAE
    per seed of the SAE.
    """

    metas: dict[str, dict[int, list[MetaRecipe]]]
    """By the SAEs' architecture, then the meta-SAE's width."""
    same_covariance: dict[str, list[MetaRecipe]]
    """By architecture, at the base width: rows of the same mean and covariance, without
    structure.
    """
    gaussian: list[MetaRecipe]
    """Isotropic rows, at the base width."""
    names: list[MetaRecipe]
    """Of sparse TopK SAEs trained at names alone, where persons have latents (empty for
    the world).
    """

    @property
    def base(self) -> list[MetaRecipe]:
        """Of ReLU SAEs, the paper's architecture, at the base width."""
        return self.metas["relu"][self.gaussian[0].width]

    def recipes(self) -> list[MetaRecipe]:
        """All of them, each once."""
        return members(tuple(self))


def meta_grid(profile: Profile, claim: Claim) -> MetaGrid:
    """Meta-SAEs on the language model: of the widest SAEs of the incompleteness claim,
    20 rows a meta-latent at the base width.
    """
    grid = stitching_grid(profile)
    widest = max(grid.relu)
    widths = [widest // 40, widest // 20, widest // 10]
    one = _base(grid.relu[widest][0], widths[1], claim)
    saes = {"relu": grid.relu[widest], "topk": grid.topk[max(grid.topk)]}
    persons = persons_site(profile)
    wordy = absorption_grid(profile).settings["topk"][
        max(profile.widths), ABSORPTION_KS[0]
    ]
    names = [moved_to(sae, persons) for sae in wordy]
    return _metas(one, saes, widths)._replace(names=_of(one, names))


def persons_site(profile: Profile) -> Site:
    """The residual stream at the names of persons."""
    return replace(asked_site(profile), source=persons_words(profile))


def persons_words(profile: Profile) -> AskedWords:
    """The names of persons where their country, profession and gender are taught."""
    return replace(asked_words(profile), tasks=PERSON_ATTRIBUTES)


def world_meta_grid(profile: Profile, sizes: WorldProfile, claim: Claim) -> MetaGrid:
    """Meta-SAEs in the world of features: eight rows a meta-latent at the base
    width.
    """
    grid = world_stitching_grid(profile, sizes)
    widest = max(grid.relu)
    widths = [widest // 16, widest // 8]
    one = _base(grid.relu[widest][0], widths[1], claim)
    saes = {"relu": grid.relu[widest], "topk": grid.topk[widest]}
    return _metas(one, saes, widths)


def _base(sae: SAERecipe, width: int, claim: Claim) -> MetaRecipe:
    """The recipe that all others vary: as the rule says."""
    rule = claim.constants
    return MetaRecipe(sae, width, k=rule["k"], share=rule["train_share"])


def _of(one: MetaRecipe, saes: list[SAERecipe]) -> list[MetaRecipe]:
    return [replace(one, sae=sae) for sae in saes]


def _metas(
    one: MetaRecipe, saes: dict[str, list[SAERecipe]], widths: list[int]
) -> MetaGrid:
    """`one` at all widths and of all SAEs; its own width is the base."""
    structureless = replace(one, rows="same_covariance")
    return MetaGrid(
        metas={
            kind: {width: _of(replace(one, width=width), recipes) for width in widths}
            for kind, recipes in saes.items()
        },
        same_covariance={
            kind: _of(structureless, recipes) for kind, recipes in saes.items()
        },
        gaussian=_of(replace(one, rows="gaussian"), saes["relu"]),
        names=[],
    )
