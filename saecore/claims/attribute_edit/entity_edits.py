"""Edits of entities in the world of features, whose parts are known."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.claims.attribute_edit.person_edits import AnswerOf, stands
from saecore.claims.attribute_edit.shares import AttributeEdits
from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.entities import Bundles, own_latents
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.measures.meta.attribute_swaps import (
    Exchanges,
    Pairs,
    exchanges,
    pairs_within_halves,
)
from saecore.recipes.meta import MetaRecipe
from saecore.report import mean
from saecore.report.figures import NAMES

PARTNERS = 3
"""With whom each entity is exchanged, per attribute."""


class EntityEdits(NamedTuple):
    """Entities in the SAEs of one architecture, one entry per seed."""

    entities: list[int]
    """How many have a latent."""
    strength: list[float]
    """Mean activation of that latent on the bundle, over the bundle's length."""
    edits: AttributeEdits
    """What exchanging their parts does."""


def entity_edits(found: MetaSAEs, true: Bundles, kind: str) -> EntityEdits:
    """Every entity's parts exchanged, in the SAEs of an architecture."""
    generator = draws(f"world edits {kind}")
    size = {"partners": PARTNERS, "most": len(true.coded)}
    pairs = pairs_within_halves(true.coded, **size, generator=generator)
    seeds = [_edits(found, true, one, pairs, generator) for one in found.of(kind)]
    entities, strength, told = zip(*seeds, strict=True)
    edits = AttributeEdits(true.features.group, pairs, list(told))
    return EntityEdits(list(entities), list(strength), edits)


def _edits(
    found: MetaSAEs,
    true: Bundles,
    recipe: MetaRecipe,
    pairs: Pairs,
    generator: torch.Generator,
) -> tuple[int, float, Exchanges]:
    own = own_latents(found, true, recipe)
    active = found.saes[recipe.sae].encode(true.bundle)
    strength = active.gather(1, own.latent[:, None])[:, 0]
    told = exchanges(
        found.uses(recipe)[own.latent],
        found.rows(recipe).rows[own.latent],
        own.latent,
        own.has,
        true.coded,
        true_answers(true, strength),
        pairs=pairs,
        directions=found.metas[recipe].W_dec,
        generator=generator,
        **stands(found),
    )
    share = (strength / true.bundle.norm(dim=1))[own.has].mean()
    return int(own.has.sum()), float(share), told


def true_answers(true: Bundles, strength: Tensor) -> AnswerOf:
    """The "answer": the attribute with the largest product with the edited bundle."""

    def answer(group: int, who: Tensor, added: Tensor) -> Tensor:
        edited = true.bundle[who] + strength[who, None] * added
        return (edited @ true.features.directions[true.values[group]].T).argmax(1)

    return answer


def entity_rows(by_kind: dict[str, EntityEdits]) -> list[dict[str, Any]]:
    """Entities with a latent, an architecture a row, means over seeds: a table."""
    return [
        {
            "SAE": NAMES[kind],
            "entities with a latent": mean(one.entities),
            "strength of that latent": mean(one.strength),
            "turned by the whole row": float(
                one.edits.table("row", "turned").nanmean()
            ),
        }
        for kind, one in by_kind.items()
    ]
