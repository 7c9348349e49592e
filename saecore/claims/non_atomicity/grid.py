"""Which meta-SAEs the claim on non-atomicity asks for.

How many meta-latents are active and which share of the decoder rows is trained on are
constants of the claim's rule.
"""

from dataclasses import replace
from typing import NamedTuple

from saecore.claims.absorption.grid import absorption_grid
from saecore.claims.incompleteness.grid import stitching_grid, world_stitching_grid
from saecore.claims.interpretability.grid import frontier
from saecore.claims.seed_dependence.grid import model_seeds, world_seeds
from saecore.claims.sites import asked_site, asked_words, members, moved_to
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.meta import MetaRecipe, PlantedKind, RowKind
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.source.site import Site
from saecore.source.tasks.templates import Task
from saecore.source.tasks.words import AskedWords

PERSON_ATTRIBUTES: tuple[Task, ...] = ("country", "profession", "pronoun")
"""What the language model was taught about persons."""
NULLS: tuple[RowKind, ...] = ("same_covariance", "clusters")
"""Rows that a meta-SAE is compared with."""
KNOWN: tuple[PlantedKind, ...] = ("atoms", "bundles")
"""Rows whose parts are known."""
Metas = list[MetaRecipe]


class MetaGrid(NamedTuple):
    """The recipes of the non-atomicity claim on one subject; a list has one meta-SAE
    per seed of the SAE.
    """

    base: Metas
    """Of ReLU SAEs, the paper's architecture, at the base width."""
    metas: dict[str, dict[int, Metas]]
    """By the SAEs' architecture, then the meta-SAE's width."""
    same_covariance: dict[str, Metas]
    """By architecture, at the base width: rows of the same mean and covariance, without
    structure.
    """
    clusters: dict[str, dict[int, Metas]]
    """As `metas`: such rows in clusters."""
    architectures: dict[str, Metas]
    """By architecture: of SAEs of the base setting of the claim on seeds."""
    architecture_nulls: dict[str, Metas]
    """The same of rows in clusters."""
    known: dict[str, Metas]
    """Of rows that are known: "atoms" and "bundles" (empty for a language model)."""
    known_nulls: dict[str, dict[str, Metas]]
    """By what is known, then by null."""
    names: Metas
    """Of sparse TopK SAEs trained at names alone, where persons have latents (empty for
    the world).
    """

    def recipes(self) -> Metas:
        """All of them, each once."""
        return members(tuple(self))


def meta_grid(profile: Profile, claim: Claim) -> MetaGrid:
    """Meta-SAEs on the language model: of the widest SAEs of the incompleteness claim,
    20 rows a meta-latent at the base width, and of every architecture.
    """
    grid = stitching_grid(profile)
    widest = max(grid.relu)
    width = widest // 20
    one = _base(grid.relu[widest][0], width, claim)
    wordy = absorption_grid(profile).settings["topk"][profile.word_place]
    kinds = dict(model_seeds(profile).architectures)
    kinds["matryoshka"] = [frontier(profile).frontier["matryoshka"][profile.k]]
    small = replace(one, width=max(int(one.k) + 1, profile.width // 20))
    found = _metas(one, {width // 2, width, 2 * width}, grid.relu[widest])
    return found._replace(
        **_more(found, "topk", one, grid.topk[max(grid.topk)]),
        **_architectures(small, kinds),
        names=_of(one, [moved_to(sae, persons_site(profile)) for sae in wordy]),
    )


def persons_site(profile: Profile) -> Site:
    """The residual stream at the names of persons."""
    return replace(asked_site(profile), source=persons_words(profile))


def persons_words(profile: Profile) -> AskedWords:
    """The names of persons where their country, profession and gender are taught."""
    return replace(asked_words(profile), tasks=PERSON_ATTRIBUTES)


def world_meta_grid(profile: Profile, sizes: WorldProfile, claim: Claim) -> MetaGrid:
    """Meta-SAEs in the world of features: eight rows a meta-latent, of the widest SAEs,
    of every architecture, and of rows that are known.
    """
    grid = world_stitching_grid(profile, sizes)
    widest = max(grid.relu)
    one = _base(grid.relu[widest][0], widest // 8, claim)
    kinds = world_seeds(profile, sizes).architectures
    small = replace(one, width=sizes.width // 8)
    found = _metas(one, {one.width}, grid.relu[widest])
    known = {what: [replace(x, planted=what) for x in found.base] for what in KNOWN}
    nulls = {
        what: {null: _as(null, metas) for null in NULLS}
        for what, metas in known.items()
    }
    return found._replace(
        **_more(found, "topk", one, grid.topk[widest]),
        **_architectures(small, kinds),
        known=known,
        known_nulls=nulls,
    )


def _base(sae: SAERecipe, width: int, claim: Claim) -> MetaRecipe:
    """The recipe that all others vary: as the rule says."""
    rule = claim.constants
    how = {"k": rule["k"], "share": rule["train_share"], "silent": "left out"}
    return MetaRecipe(sae, width, **how)


def _of(one: MetaRecipe, saes: list[SAERecipe]) -> Metas:
    return [replace(one, sae=sae) for sae in saes]


def _as(rows: RowKind, metas: Metas) -> Metas:
    return [replace(one, rows=rows) for one in metas]


def _metas(one: MetaRecipe, widths: set[int], relu: list[SAERecipe]) -> MetaGrid:
    """`one` of ReLU SAEs at all widths, with nulls; its own width is the base."""
    metas = {width: _of(replace(one, width=width), relu) for width in sorted(widths)}
    base = metas[one.width]
    return MetaGrid(
        base=base,
        metas={"relu": metas},
        same_covariance={"relu": _as("same_covariance", base)},
        clusters={"relu": {w: _as("clusters", x) for w, x in metas.items()}},
        architectures={},
        architecture_nulls={},
        known={},
        known_nulls={},
        names=[],
    )


def _more(
    grid: MetaGrid, kind: str, one: MetaRecipe, saes: list[SAERecipe]
) -> dict[str, dict[str, object]]:
    """Another architecture at the base width, beside those of a grid."""
    metas = _of(one, saes)
    return {
        "metas": {**grid.metas, kind: {one.width: metas}},
        "same_covariance": {
            **grid.same_covariance,
            kind: _as("same_covariance", metas),
        },
        "clusters": {**grid.clusters, kind: {one.width: _as("clusters", metas)}},
    }


def _architectures(
    one: MetaRecipe, kinds: dict[str, list[SAERecipe]]
) -> dict[str, dict[str, Metas]]:
    """Every architecture with its null."""
    metas = {kind: _of(one, saes) for kind, saes in kinds.items()}
    nulls = {kind: _as("clusters", several) for kind, several in metas.items()}
    return {"architectures": metas, "architecture_nulls": nulls}
