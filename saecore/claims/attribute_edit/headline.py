"""Study of the claim: edits of persons in the language model, and of entities in the
world of features.
"""

from typing import NamedTuple

from saecore.claims.attribute_edit import shares
from saecore.claims.attribute_edit.entity_edits import EntityEdits, entity_edits
from saecore.claims.attribute_edit.mean_rows import mean_edits
from saecore.claims.attribute_edit.person_edits import PersonEdits, person_edits
from saecore.claims.attribute_edit.shares import AttributeEdits
from saecore.claims.non_atomicity.entities import bundles
from saecore.claims.non_atomicity.meta_saes import (
    MetaSAEs,
    RuleNumbers,
    of_names,
    of_world,
)
from saecore.claims.non_atomicity.persons import Quiz, quiz
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.zoo.store import Zoo

WORLD_KIND = "topk"
"""The architecture that is judged in the world: that of the SAEs of names."""


class Persons(NamedTuple):
    """Persons that the language model is asked about."""

    about: Quiz
    """What it is asked."""
    model: MetaSAEs
    """Meta-SAEs of SAEs of names."""
    names: PersonEdits
    """Edits in these."""
    means: AttributeEdits
    """The same without an SAE."""


class Study(NamedTuple):
    """The claim's headline."""

    claim: Claim
    """The claim and its rule."""
    persons: Persons
    """Edits of persons in the language model."""
    world: MetaSAEs
    """Meta-SAEs in the world of features."""
    entities: EntityEdits
    """Edits in the world."""
    numbers: dict[str, RuleNumbers]
    """By subject, what `Claim.judge` decides by; None where it could not be asked."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Does exchanging meta-latents turn one attribute and no other?

    Raises Unsuited for a language model that cannot be asked about persons, and what
    the zoo raises where an SAE cannot be made.
    """
    claim = claim or Claim.read("attribute_edit")
    level = claim.constants["confidence"]
    about, model = quiz(zoo, profile), of_names(zoo, profile, claim)
    names = person_edits(model, about, model.grid.names)
    persons = Persons(about, model, names, mean_edits(model, about))
    world = of_world(zoo, profile, claim)
    entities = entity_edits(world, bundles(world), WORLD_KIND)
    blank: RuleNumbers = dict.fromkeys(claim.needs())
    numbers = {
        "model": shares.numbers(names.edits, level=level)
        | shares.beside_means(names.edits, persons.means, level=level),
        "world": blank | shares.numbers(entities.edits, level=level),
    }
    return Study(claim, persons, world, entities, numbers)
