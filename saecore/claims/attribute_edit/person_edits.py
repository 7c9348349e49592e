"""Edits of persons: their meta-latents exchanged in SAEs of the language model, and
what it answers then.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.claims.attribute_edit.shares import AttributeEdits
from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.claims.non_atomicity.persons import PersonLatents, Quiz, person_latents
from saecore.measures.meta.attribute_swaps import (
    EXCHANGED_WAYS,
    Exchanges,
    Pairs,
    exchanges,
    pairs_within_halves,
)
from saecore.recipes.meta import MetaRecipe
from saecore.report import mean
from saecore.source.tasks import facts
from saecore.source.tasks.edited_answers import answered

ASKED_PERSONS, PARTNERS = 200, 1
"""Persons that are edited, and with how many others each, per attribute."""
AnswerOf = Callable[[int, Tensor, Tensor], Tensor]


class PersonEdits(NamedTuple):
    """Persons in the SAEs of one kind of rows, one entry per seed."""

    persons: list[PersonLatents]
    """Who has a latent."""
    uses: list[Tensor]
    """How strongly the latent of each person uses each meta-latent."""
    edits: AttributeEdits
    """What exchanging them does."""


def exchanged_pairs(about: Quiz) -> Pairs:
    """The same pairs for every SAE."""
    generator = draws("pairs of persons")
    size = {"partners": PARTNERS, "most": ASKED_PERSONS}
    return pairs_within_halves(about.values, **size, generator=generator)


def model_answers(about: Quiz, strength: list[Tensor]) -> AnswerOf:
    """What the language model answers if a change of decoder rows, times each person's
    activation, joins the stream at the name; by topic and person.
    """

    def answer(group: int, who: Tensor, added: Tensor) -> Tensor:
        shift = strength[group][who, None] * added
        return answered(about.texts[group], about.asked[group], who, shift)

    return answer


def stands(found: MetaSAEs) -> dict[str, Any]:
    """When a meta-latent stands for an attribute, by the rule."""
    rule = found.claim.constants
    return {"users": round(rule["users"]), "above": rule["deviations"]}


def person_edits(
    found: MetaSAEs,
    about: Quiz,
    recipes: list[MetaRecipe],
    *,
    ways: Sequence[str] = EXCHANGED_WAYS,
) -> PersonEdits:
    """Every person's parts exchanged in some ways, by default in all, in each of the
    SAEs that `recipes` take apart.
    """
    pairs, generator = exchanged_pairs(about), draws("persons in names")
    persons, uses, seeds = [], [], []
    for recipe in recipes:
        f1 = found.claim.constants["f1"]
        persons.append(person_latents(found, about, recipe, f1=f1))
        latent = persons[-1].own.latent
        uses.append(found.uses(recipe)[latent])
        how = {"pairs": pairs, "generator": generator, "ways": ways}
        seeds.append(_edits(found, about, recipe, persons[-1], how))
    return PersonEdits(persons, uses, AttributeEdits(about.topics, pairs, seeds))


def _edits(
    found: MetaSAEs,
    about: Quiz,
    recipe: MetaRecipe,
    one: PersonLatents,
    how: dict[str, Any],
) -> Exchanges:
    sae, latent = found.saes[recipe.sae], one.own.latent
    strength = [sae.encode(x).gather(1, latent[:, None])[:, 0] for x in about.streams]
    return exchanges(
        found.uses(recipe)[latent],
        found.rows(recipe).rows[latent],
        latent,
        one.has,
        about.values,
        model_answers(about, strength),
        directions=found.metas[recipe].W_dec,
        **how,
        **stands(found),
    )


def latent_rows(about: Quiz, by_sae: dict[str, PersonEdits]) -> list[dict[str, Any]]:
    """Latents of persons, an SAE a row: a table."""
    return [
        {
            "SAE of": name,
            "seed": seed,
            "people with a latent": int(one.has.sum()),
            "of": len(about.persons),
            "latents active at a name": one.active,
            "turned by the whole row": float(
                edits.edits.table("row", "turned")[seed].nanmean()
            ),
        }
        for name, edits in by_sae.items()
        for seed, one in enumerate(edits.persons)
    ]


def people(edits: PersonEdits) -> float:
    """Persons with a latent, mean over seeds."""
    return mean(one.has.sum() for one in edits.persons)


def taken_person(about: Quiz, edits: PersonEdits, wanted: str) -> list[dict[str, Any]]:
    """One person's latent in the first SAE taken apart: `wanted`, or else the person
    with the clearest latent. A table; empty where nobody has a latent.

    "Alike" is the share of a meta-latent's other users that have the person's value of
    the attribute it stands for.
    """
    one, uses = edits.persons[0], edits.uses[0]
    have = one.has.nonzero()[:, 0]
    if not len(have):
        return []
    names = [about.persons[i].name for i in have.tolist()]
    clearest = int(one.own.f1[have].argmax())
    place = names.index(wanted) if wanted in names else clearest
    hero, row = int(have[place]), uses[have[place]]
    half = 1 - int(edits.edits.pairs.half[hero])
    group = edits.edits.seeds[0].standing[half].group
    return [
        {
            "person": names[place],
            "meta-latent": meta,
            "weight": float(row[meta]),
            "stands for": _topic(about, int(group[meta])),
            "alike": _alike(about, uses[:, meta], have, hero, int(group[meta])),
            "people who use it most": _others(about, uses[:, meta], have, hero),
        }
        for meta in row.argsort(descending=True)[: int((row > 0).sum())].tolist()
    ]


def _alike(
    about: Quiz, used: Tensor, have: Tensor, hero: int, group: int
) -> float | None:
    users = [i for i in have[used[have] > 0].tolist() if i != hero]
    if group < 0 or not users:
        return None
    same = about.values[torch.tensor(users), group] == about.values[hero, group]
    return float(same.double().mean())


def _others(about: Quiz, used: Tensor, have: Tensor, hero: int) -> str:
    """The four other persons whose latents use a meta-latent most."""
    order = have[used[have].argsort(descending=True)].tolist()
    users = [i for i in order if i != hero and used[i] > 0][:4]
    return ", ".join(_described(about.persons[i]) for i in users)


def _described(person: facts.Person) -> str:
    return f"{person.name} ({person.nation} {person.profession})"


def _topic(about: Quiz, group: int) -> str:
    return about.topics[group] if group >= 0 else ""
