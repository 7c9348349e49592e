"""Latents of persons in SAEs of the language model, and what their meta-latents tell of
country, profession and gender.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.claims.gated import require_tasks
from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.grid import (
    PERSON_ATTRIBUTES,
    persons_site,
    persons_words,
)
from saecore.claims.non_atomicity.meta_saes import MetaSAEs, WithNull
from saecore.measures.algebra.intervals import crossed
from saecore.measures.meta.attributes import (
    CrossFitted,
    Detector,
    cross_fitted_auc,
    labels,
    own_latent,
)
from saecore.profiles import Profile
from saecore.recipes.meta import MetaRecipe
from saecore.shapes import Rows
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.resume import Resumed
from saecore.source.tasks import facts
from saecore.source.tasks.edited_answers import Questions, from_layer, questions
from saecore.source.tasks.templates import TRAINED, Task
from saecore.source.tasks.vocabulary import at_word
from saecore.source.tasks.words import AskedWords, asked
from saecore.zoo.store import Zoo

F1 = 0.5
"""A person has a latent if its F1 is above this."""
LEAST_PERSONS = 4
"""Persons with a latent that must have an attribute, and lack it, to ask for it."""


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

    Raises Unsuited for a language model that does not know them, or in which they do
    not differ in one token.
    """
    model, known = open_model(profile.folder), facts.read_facts()
    require_tasks(zoo, profile, model, *PERSON_ATTRIBUTES)
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
    """The latents of persons in one SAE."""

    own: Detector
    """Each person's latent, whether it is one or not."""
    has: Bool[Tensor, " person"]
    """Whether it is: whether its F1 is above a bar."""
    active: float
    """Mean number of latents active at a name."""


def person_latents(
    found: MetaSAEs, about: Quiz, recipe: MetaRecipe, *, f1: float = F1
) -> PersonLatents:
    """The latent of every person in the SAE that `recipe` takes apart."""
    sae, classes = found.saes[recipe.sae], len(about.persons)
    active = sae.encode_sparse(about.rows)
    own = own_latent(
        active, about.of, width=sae.width, classes=classes, choose=about.choose
    )
    return PersonLatents(own, own.f1 > f1, len(active.value) / len(about.of))


def text_attributes(found: MetaSAEs) -> WithNull | None:
    """Attributes of persons told by meta-latents in the SAEs of text; None where too
    few have a latent. Raises Unsuited as `quiz` does.
    """
    about, generator = quiz(found.zoo, found.profile), draws("persons in text")
    told = []
    for recipe in found.grid.base:
        persons = person_latents(found, about, recipe)
        uses = found.uses(recipe)[persons.own.latent]
        least = {"least": LEAST_PERSONS, "generator": generator}
        told.append(told_labels(uses, about.values, persons.has, **least))
    return over_labels(found, told)


def told_labels(
    uses: Float[Tensor, "entity meta"],
    values: Int[Tensor, "entity group"],
    has: Bool[Tensor, " entity"],
    *,
    least: int,
    generator: Generator,
) -> CrossFitted:
    """Attributes of the entities that have a latent, told by the best meta-latent; NaN
    for a value that too few of them have, or lack.
    """
    every = labels(values, least=1)
    enough = torch.minimum(every[has].sum(0), (~every[has]).sum(0)) >= least
    auc, null = torch.full((2, every.shape[1]), torch.nan, dtype=torch.float64)
    if enough.any():
        told = cross_fitted_auc(uses[has], every[has][:, enough], generator=generator)
        auc[enough], null[enough] = told
    return CrossFitted(auc, null)


def over_labels(found: MetaSAEs, seeds: list[CrossFitted]) -> WithNull | None:
    """Over seeds and labels; None where there is nothing to be told about."""
    level = found.claim.constants["confidence"]
    auc, null = (torch.stack(one) for one in zip(*seeds, strict=True))
    kept = ~(auc.isnan() | null.isnan()).all(0)
    if kept.sum() < 2:
        return None
    auc, null = auc[:, kept], null[:, kept]
    told, chance, excess = (
        crossed(one, level=level) for one in (auc, null, auc - null)
    )
    return WithNull(told, chance, excess)
