"""Entities in the world of features, which are bundles of attributes by construction:
the five-way choice, attributes and edits against what is true.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.explained import explained_beside_null
from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.claims.non_atomicity.persons import EXCHANGED, STANDS
from saecore.claims.non_atomicity.resemblance import resemblance
from saecore.measures.algebra.matching_pursuit import pursue
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.meta.attribute_swaps import Exchanges, exchanges
from saecore.measures.meta.attributes import BestOf, best_of, labels
from saecore.measures.meta.multiple_choice import (
    multiple_choice,
    random_distractors,
    shuffled_uses,
    tf_idf,
)
from saecore.recipes.meta import MetaRecipe
from saecore.report import mean
from saecore.report.figures import NAMES
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
LEAST_ENTITIES = 2
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


class EntityLatents(NamedTuple):
    """The latents of one SAE of the world, taken apart."""

    choice: float
    """Share of five-way choices that meta-latents get right."""
    choice_null: float
    """Share that shuffled meta-latents get right."""
    entities: int
    """Entities with a latent."""
    strength: float
    """Mean activation of that latent on the bundle, over the bundle's length."""
    best: BestOf
    """The best meta-latent of each attribute."""
    edits: Exchanges
    """Meta-latents exchanged between entities."""


def entity_latents(
    found: MetaSAEs, true: Bundles, kind: str = "relu"
) -> list[EntityLatents]:
    """Latents of entities in the SAEs of an architecture, seed by seed."""
    generator = draws(f"world {kind}")
    return [_entity_latents(found, true, one, generator) for one in found.of(kind)]


def _entity_latents(
    found: MetaSAEs, true: Bundles, recipe: MetaRecipe, generator: Generator
) -> EntityLatents:
    sae, meta = found.saes[recipe.sae], found.metas[recipe]
    rows, uses = found.rows(recipe).rows, found.uses(recipe)
    right, by_chance = _choice(true, sae.encode(true.rows), uses, generator)
    features = true.features
    close = nearest(features.composites()[features.entity], unit_rows(rows))
    have = (close.value[:, 0] > TRUE_COSINE).nonzero()[:, 0]
    latent, bundle = close.other[have, 0], true.bundle[have]
    strength = sae.encode(bundle).gather(1, latent[:, None])
    attribute = labels(true.coded[have], least=LEAST_ENTITIES)
    best = best_of(uses[latent], attribute, generator=generator)
    edits = exchanges(
        uses[latent],
        rows[latent],
        latent,
        true.coded[have],
        _answers(true, bundle, strength),
        directions=meta.W_dec,
        generator=generator,
        **STANDS,
    )
    share = float((strength[:, 0] / bundle.norm(dim=1)).mean())
    return EntityLatents(right, by_chance, len(have), share, best, edits)


def _choice(
    true: Bundles, active: Tensor, uses: Tensor, generator: Generator
) -> tuple[float, float]:
    """Share right of meta-latents and of shuffled ones; features stand for tokens."""
    statistics = active.T @ true.fires.float()
    live = (statistics.sum(1) > 0).nonzero()[:, 0]
    others = random_distractors(live, live, generator=generator)
    dealt = shuffled_uses(uses, generator=generator)
    right, by_chance = (
        multiple_choice(tf_idf(statistics), uses, live, others, shown=shown).accuracy
        for shown in (uses, dealt)
    )
    return right, by_chance


def _answers(
    true: Bundles, bundle: Tensor, strength: Tensor
) -> Callable[[int, Tensor, Tensor], Tensor]:
    """The "answer": the attribute with the largest product with the edited bundle."""

    def answer(group: int, who: Tensor, added: Tensor) -> Tensor:
        edited = bundle[who] + strength[who] * added
        return (edited @ true.features.directions[true.values[group]].T).argmax(1)

    return answer


def beside_truth(
    found: MetaSAEs, seeds: list[EntityLatents], kind: str = "relu"
) -> dict[str, WithNull]:
    """Every number of the rule, beside its null."""
    over = found.over_seeds
    return {
        "explained": explained_beside_null(found, kind),
        "resemblance": resemblance(found, kind),
        "choice": WithNull(
            over(one.choice for one in seeds), over(one.choice_null for one in seeds)
        ),
        "attribute_auc": WithNull(
            over(one.best.auc.mean() for one in seeds),
            over(one.best.null.mean() for one in seeds),
        ),
        "turned": WithNull(
            over(one.edits.turned("chosen") for one in seeds),
            over(one.edits.turned("random") for one in seeds),
        ),
    }


def beside_rows(
    by_kind: dict[str, dict[str, WithNull]],
) -> list[dict[str, Any]]:
    """Every number and its null, an architecture a column, means over seeds."""
    columns = {
        NAMES[kind]: {
            f"{name.replace('_', ' ')}{null}": getattr(one, which).estimate
            for name, one in measured.items()
            for which, null in (("found", ""), ("null", " null"))
        }
        for kind, measured in by_kind.items()
    }
    return _turned(columns)


def edit_columns(
    by_kind: dict[str, list[EntityLatents]],
) -> list[dict[str, Any]]:
    """What exchanging parts of entities does, an architecture a column, means over
    seeds: a table.
    """
    columns = {
        NAMES[kind]: {
            "entities with a latent": mean(one.entities for one in seeds),
            "strength of that latent": mean(one.strength for one in seeds),
            "AUC of the best meta-latent": mean(one.best.auc.mean() for one in seeds),
            "AUC, labels permuted": mean(one.best.null.mean() for one in seeds),
        }
        | {
            f"turned by {words}": mean(one.edits.turned(way) for one in seeds)
            for way, words in EXCHANGED.items()
        }
        | {"others kept": mean(one.edits.kept("chosen") for one in seeds)}
        for kind, seeds in by_kind.items()
    }
    return _turned(columns)


def _turned(columns: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """Columns by title, each a number by name, as rows."""
    names = next(iter(columns.values()))
    return [
        {"number": name} | {title: column[name] for title, column in columns.items()}
        for name in names
    ]


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
