"""Latents of persons in SAEs of the language model: what their meta-latents stand for,
and what exchanging these does to the model's answers.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.grid import (
    PERSON_ATTRIBUTES,
    persons_site,
    persons_words,
)
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.measures.algebra.intervals import Interval
from saecore.measures.meta.attribute_swaps import Exchanges, exchanges
from saecore.measures.meta.attributes import (
    BestOf,
    Detector,
    best_of,
    labels,
    own_latent,
)
from saecore.profiles import Profile
from saecore.recipes.meta import MetaRecipe
from saecore.report import mean
from saecore.shapes import Rows
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.resume import Resumed
from saecore.source.tasks import facts
from saecore.source.tasks.edited_answers import (
    Questions,
    answered,
    from_layer,
    questions,
)
from saecore.source.tasks.templates import TRAINED, Task
from saecore.source.tasks.vocabulary import at_word
from saecore.source.tasks.words import AskedWords, asked
from saecore.zoo.store import Zoo

F1 = 0.5
"""A person has a latent if its F1 is above this."""
LEAST_PERSONS = 4
"""Persons with a latent that must have an attribute, and lack it, to ask for it."""
STANDS = {"users": 3, "above": 2.0}
"""A meta-latent stands for an attribute if so many persons use it, and its eta squared
lies so many deviations above that of permuted persons.
"""
EXCHANGED = {
    "chosen": "meta-latents of the attribute",
    "random": "as many others",
    "all": "all meta-latents",
    "row": "the whole row",
}
"""What is exchanged between two persons."""


class Quiz(NamedTuple):
    """What a language model is asked about persons, and the rows at their names."""

    persons: tuple[facts.Person, ...]
    """Whom it was taught about."""
    topics: tuple[str, ...]
    """The attributes that are asked for."""
    of: Int[Tensor, " row"]
    """Which person each row is, -1 for another name."""
    choose: Bool[Tensor, " row"]
    """The rows that a person's latent is chosen on; it is judged on the others."""
    rows: Rows
    """The stream at the names."""
    asked: list[Questions]
    """By topic, a question about each person."""
    texts: list[Resumed]
    """By topic, the questions to be asked with the stream edited at the name."""
    streams: list[Float[Tensor, "person d_model"]]
    """By topic, the stream at the name."""
    values: Int[Tensor, "person topic"]
    """The right answers."""


def quiz(zoo: Zoo, profile: Profile) -> Quiz:
    """Questions about the country, profession and gender of persons.

    Raises Unsuited for a language model in which they do not differ in one token.
    """
    model, known = open_model(profile.folder), facts.read_facts()
    layer = profile.layer
    prompts = [_prompts(topic, known) for topic in PERSON_ATTRIBUTES]
    asked_about = [questions(model, one) for one in prompts]
    of, choose = _names(persons_words(profile), model, known)
    return Quiz(
        persons=known.persons,
        topics=PERSON_ATTRIBUTES,
        of=of,
        choose=choose,
        rows=zoo.get(persons_site(profile)),
        asked=asked_about,
        texts=[from_layer(model, one, layer) for one in asked_about],
        streams=[at_word(model, one, [layer])[layer] for one in prompts],
        values=torch.stack([one.answer for one in asked_about], 1),
    )


def _prompts(topic: Task, known: facts.Facts) -> list[facts.Prompt]:
    whom = (
        facts.person_subjects(known)
        if topic == "pronoun"
        else facts.subjects(topic, known)
    )
    options = facts.choices(topic, known)
    template = TRAINED[topic][2]
    return [
        facts.prompt_of(one, template, options=options, facts=known) for one in whom
    ]


def _names(
    source: AskedWords, model: OpenModel, known: facts.Facts
) -> tuple[Tensor, Tensor]:
    """Person of each row, and whether its template is one of those that choose."""
    where = {person.name: i for i, person in enumerate(known.persons)}
    prompts = asked(source, model)
    templates = sorted({prompt.template for prompt in prompts})
    of = torch.tensor([where.get(prompt.word, -1) for prompt in prompts])
    choose = [templates.index(prompt.template) % 2 == 0 for prompt in prompts]
    return of, torch.tensor(choose)


class PersonLatents(NamedTuple):
    """The latents of persons in one SAE, taken apart."""

    own: Detector
    """Each person's latent, whether it is one or not."""
    have: Int[Tensor, " with_latent"]
    """The persons who have one."""
    uses: Float[Tensor, "with_latent meta"]
    """How strongly the latents of these use each meta-latent."""
    active: float
    """Mean number of latents active at a name."""
    best: BestOf
    """The best meta-latent of each attribute's values."""
    edits: Exchanges
    """Meta-latents exchanged between persons."""


def person_latents(
    found: MetaSAEs, about: Quiz, recipes: Sequence[MetaRecipe], generator: Generator
) -> list[PersonLatents]:
    """Latents of persons in each SAE that `recipes` take apart, one after the other."""
    return [_person_latents(found, about, one, generator) for one in recipes]


def _person_latents(
    found: MetaSAEs, about: Quiz, recipe: MetaRecipe, generator: Generator
) -> PersonLatents:
    sae, meta = found.saes[recipe.sae], found.metas[recipe]
    active = sae.encode_sparse(about.rows)
    classes = len(about.persons)
    own = own_latent(
        active, about.of, width=sae.width, classes=classes, choose=about.choose
    )
    have = (own.f1 > F1).nonzero()[:, 0]
    latent, values = own.latent[have], about.values[have]
    rows = found.rows(recipe).rows[latent]
    uses = meta.encode(rows)
    strength = [sae.encode(x[have]).gather(1, latent[:, None]) for x in about.streams]

    def answer(group: int, who: Tensor, added: Tensor) -> Tensor:
        shift = strength[group][who] * added
        return answered(about.texts[group], about.asked[group], have[who], shift)

    best = best_of(uses, labels(values, least=LEAST_PERSONS), generator=generator)
    edits = exchanges(
        uses,
        rows,
        latent,
        values,
        answer,
        directions=meta.W_dec,
        generator=generator,
        **STANDS,
    )
    return PersonLatents(
        own, have, uses, len(active.value) / len(about.of), best, edits
    )


def in_text_and_names(found: MetaSAEs, about: Quiz) -> dict[str, list[PersonLatents]]:
    """Latents of persons by what the SAEs were trained on: text, or persons' names
    alone.
    """
    return {
        "text": person_latents(found, about, found.grid.base, draws("persons in text")),
        "names": person_latents(
            found, about, found.grid.names, draws("persons in names")
        ),
    }


def over_persons(
    found: MetaSAEs, seeds: Sequence[PersonLatents]
) -> dict[str, Interval]:
    """Means over seeds: AUC of the best meta-latents and its null, share of answers
    turned and its null, share turned by the whole row, persons with a latent, and
    latents active at a name.
    """
    return {
        "auc": found.over_seeds(one.best.auc.mean() for one in seeds),
        "auc_null": found.over_seeds(one.best.null.mean() for one in seeds),
        "turned": found.over_seeds(one.edits.turned("chosen") for one in seeds),
        "turned_null": found.over_seeds(one.edits.turned("random") for one in seeds),
        "row": found.over_seeds(one.edits.turned("row") for one in seeds),
        "people": found.over_seeds(len(one.have) for one in seeds),
        "active": found.over_seeds(one.active for one in seeds),
    }


def latent_rows(
    about: Quiz, by_sae: dict[str, list[PersonLatents]], *, p: float
) -> list[dict[str, Any]]:
    """Latents of persons, an SAE a row; `p` is the share of permutations below which a
    label counts as beyond chance: a table.
    """
    return [
        {
            "SAE of": name,
            "seed": seed,
            "people with a latent": len(one.have),
            "of": len(about.persons),
            "latents active at a name": one.active,
            "meta-latents each": float((one.uses != 0).double().sum(1).mean()),
            "AUC of the best meta-latent": float(one.best.auc.mean()),
            "AUC, labels permuted": float(one.best.null.mean()),
            f"labels beyond chance (p < {p})": float((one.best.p < p).double().mean()),
        }
        for name, seeds in by_sae.items()
        for seed, one in enumerate(seeds)
    ]


def edit_rows(
    about: Quiz, by_sae: dict[str, list[PersonLatents]]
) -> list[dict[str, Any]]:
    """Answers turned and kept, a kind of exchange a row, means over seeds: a table."""
    return [
        {"SAE of": name, "exchanged": words}
        | {
            f"{topic} turned": mean(getattr(one.edits, way)[g].turned for one in seeds)
            for g, topic in enumerate(about.topics)
        }
        | {"others kept": mean(one.edits.kept(way) for one in seeds)}
        for name, seeds in by_sae.items()
        for way, words in EXCHANGED.items()
    ]


def taken_person(about: Quiz, one: PersonLatents, wanted: str) -> list[dict[str, Any]]:
    """One person's latent taken apart: `wanted`, or else the person with the clearest
    latent. A table; empty where nobody has a latent.
    """
    have = [about.persons[i] for i in one.have.tolist()]
    if not have:
        return []
    names = [person.name for person in have]
    clearest = int(one.own.f1[one.have].argmax())
    hero = names.index(wanted) if wanted in names else clearest
    row = one.uses[hero]
    return [
        {
            "person": names[hero],
            "meta-latent": meta,
            "weight": float(row[meta]),
            "stands for": _topic(about, int(one.edits.standing.group[meta])),
            "people who use it most": ", ".join(_others(have, one.uses[:, meta], hero)),
        }
        for meta in row.argsort(descending=True)[: int((row > 0).sum())].tolist()
    ]


def _others(have: list[facts.Person], used: Tensor, hero: int) -> list[str]:
    """The four other persons whose latents use a meta-latent most."""
    users = [i for i in used.argsort(descending=True).tolist() if i != hero][:4]
    return [f"{have[i].name} ({have[i].nation} {have[i].profession})" for i in users]


def _topic(about: Quiz, group: int) -> str:
    return about.topics[group] if group >= 0 else ""
