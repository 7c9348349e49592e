"""Entities in the world of features, which are bundles of attributes by construction:
the five-way choice and attributes against what is true.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.claims.non_atomicity.choice import (
    Choice,
    Credits,
    credits,
    five_way,
    over_choices,
)
from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.claims.non_atomicity.persons import over_labels, told_labels
from saecore.measures.algebra.matching_pursuit import pursue
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.meta.attributes import CrossFitted
from saecore.recipes.meta import MetaRecipe
from saecore.shapes import Rows
from saecore.source.worlds import rows as worlds

WORLD_TAIL = 32_768
"""Rows that features and latents are counted on, the last of the sample."""
PURSUED_FEATURES = 6
"""Features that the pursuit looks for in a row."""
FIRES = 0.5
"""Weight above which a feature counts as firing in a row."""
TRUE_COSINE = 0.9
"""Cosine above which a latent is an entity's, and a meta-latent a true feature."""
LEAST_ENTITIES = 4
"""Entities with a latent that must have an attribute, and lack it, to ask for it."""


class Bundles(NamedTuple):
    """What is true of the world's entities, and rows to count on."""

    features: worlds.Features
    """Everything that is true."""
    rows: Rows
    """Rows of the world."""
    fires: Bool[Tensor, "row feature"]
    """Which features fire in them, by pursuit over the true directions."""
    bundle: Float[Tensor, "entity d_model"]
    """The "name": an entity's direction plus those of its attributes."""
    values: list[Int[Tensor, " value"]]
    """By group of attributes, the features to choose from."""
    coded: Int[Tensor, "entity group"]
    """Which of these each entity has."""


def bundles(found: MetaSAEs) -> Bundles:
    """The truth about entities of the world that the SAEs were trained on."""
    features = _features(found)
    rows = found.zoo.get(found.grid.base[0].sae.site)[-WORLD_TAIL:]
    weights = pursue(rows, features.directions, count=PURSUED_FEATURES)
    columns = features.attributes.unbind(1)
    values = [column.unique() for column in columns]
    coded = [
        torch.searchsorted(of, column.contiguous())
        for of, column in zip(values, columns, strict=True)
    ]
    return Bundles(
        features,
        rows,
        weights.dense(len(features.directions)) > FIRES,
        features.directions[features.entity]
        + features.directions[features.attributes].sum(1),
        values,
        torch.stack(coded, 1),
    )


def _features(found: MetaSAEs) -> worlds.Features:
    return worlds.truth(worlds.World(seed=found.profile.world_seed))


class OwnLatents(NamedTuple):
    """The latent of each entity in one SAE, whether it has one or not."""

    latent: Int[Tensor, " entity"]
    """The nearest to its bundle."""
    has: Bool[Tensor, " entity"]
    """Whether that is near enough."""


def own_latents(found: MetaSAEs, true: Bundles, recipe: MetaRecipe) -> OwnLatents:
    """Latents with a cosine of at least `TRUE_COSINE` with an entity's bundle."""
    wanted = true.features.composites()[true.features.entity]
    close = nearest(wanted, unit_rows(found.rows(recipe).rows))
    return OwnLatents(close.other[:, 0], close.value[:, 0] > TRUE_COSINE)


class EntityLatents(NamedTuple):
    """The latents of one SAE of the world, taken apart."""

    credits: Credits
    """What the five-way choice said, features in the place of tokens."""
    entities: int
    """Entities with a latent."""
    told: CrossFitted
    """Attributes told by the best meta-latent."""


def entity_latents(
    found: MetaSAEs, true: Bundles, kind: str = "relu"
) -> list[EntityLatents]:
    """Latents of entities in the SAEs of an architecture, seed by seed."""
    generator = draws(f"world {kind}")
    return [_entity_latents(found, true, one, generator) for one in found.of(kind)]


def _entity_latents(
    found: MetaSAEs, true: Bundles, recipe: MetaRecipe, generator: Generator
) -> EntityLatents:
    active = found.saes[recipe.sae].encode(true.rows)
    asked = five_way(found, recipe, active.T @ true.fires.float(), generator)
    own = own_latents(found, true, recipe)
    told = told_labels(
        found.uses(recipe)[own.latent],
        true.coded,
        own.has,
        least=LEAST_ENTITIES,
        generator=generator,
    )
    return EntityLatents(credits(asked), int(own.has.sum()), told)


def told_entities(found: MetaSAEs, seeds: list[EntityLatents]) -> Choice:
    """The five-way choice over seeds."""
    return over_choices(found, [one.credits for one in seeds])


def attributes(found: MetaSAEs, seeds: list[EntityLatents]) -> WithNull | None:
    """Attributes told, over seeds and attributes."""
    return over_labels(found, [one.told for one in seeds])


class TrueParts(NamedTuple):
    """Meta-latents that are true features of the world."""

    share: float
    """Of all meta-latents, over seeds."""
    met: dict[str, float]
    """By kind of feature, meta-latents per SAE."""
    features: dict[str, int]
    """By kind of feature, how many there are."""


def true_parts(found: MetaSAEs) -> TrueParts:
    """Meta-latents of ReLU SAEs that are true features, by the feature's kind: those
    with a cosine of `TRUE_COSINE` or more.
    """
    features = _features(found)
    kinds, hits, count = list(dict.fromkeys(features.kind)), [], 0
    for recipe in found.grid.base:
        near = nearest(unit_rows(found.metas[recipe].W_dec), features.directions)
        close = near.other[near.value >= TRUE_COSINE].tolist()
        hits += [features.kind[other] for other in close]
        count += len(near.other)
    seeds = len(found.grid.base)
    return TrueParts(
        len(hits) / count,
        {kind: hits.count(kind) / seeds for kind in kinds},
        {kind: len(features.of_kind(kind)) for kind in kinds},
    )
