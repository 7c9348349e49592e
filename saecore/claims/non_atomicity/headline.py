"""Study of the claim: the numbers by which it is judged, each beside its null, on the
language model and in the world of features.
"""

from typing import NamedTuple

from saecore.claims.non_atomicity.choice import choice
from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.entities import (
    EntityLatents,
    beside_truth,
    bundles,
    entity_latents,
)
from saecore.claims.non_atomicity.explained import explained_beside_null
from saecore.claims.non_atomicity.meta_saes import (
    MetaSAEs,
    WithNull,
    of_model,
    of_world,
)
from saecore.claims.non_atomicity.persons import over_persons, person_latents, quiz
from saecore.claims.non_atomicity.resemblance import resemblance
from saecore.errors import Unsuited
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.zoo.store import Zoo

Triple = tuple[float, float, float]


class Study(NamedTuple):
    """The claim's headline."""

    claim: Claim
    """The claim and its rule."""
    model: MetaSAEs
    """Meta-SAEs on the language model."""
    world: MetaSAEs
    """Meta-SAEs in the world of features."""
    measured: dict[str, dict[str, WithNull]]
    """By subject ("model", "world"), then by number of the rule: beside its null."""
    entities: list[EntityLatents]
    """Latents of entities in the world, one entry per seed."""
    left_out: str
    """Why the language model was not asked about persons; empty if it was."""
    numbers: dict[str, dict[str, Triple | None]]
    """By subject, what `Claim.judge` decides by; None where it could not be asked."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Are latents made of parts? Every number of the rule, beside its null.

    Raises what the zoo raises where an SAE cannot be made. A language model that cannot
    be asked about persons leaves out the numbers about them, and says why.
    """
    claim = claim or Claim.read("non_atomicity")
    model, world = of_model(zoo, profile, claim), of_world(zoo, profile, claim)
    entities = entity_latents(world, bundles(world))
    persons, left_out = _persons(model)
    measured = {
        "model": {
            "explained": explained_beside_null(model),
            "resemblance": resemblance(model),
            "choice": choice(model),
        }
        | persons,
        "world": beside_truth(world, entities),
    }
    numbers = {subject: _numbers(claim, found) for subject, found in measured.items()}
    return Study(claim, model, world, measured, entities, left_out, numbers)


def _persons(model: MetaSAEs) -> tuple[dict[str, WithNull], str]:
    """Attributes and edits of persons in the SAEs of text, and why there are none."""
    try:
        about = quiz(model.zoo, model.profile)
    except Unsuited as why:
        return {}, str(why)
    generator = draws("persons in text")
    seeds = person_latents(model, about, model.grid.base, generator)
    over = over_persons(model, seeds)
    auc = WithNull(over["auc"], over["auc_null"])
    return {
        "attribute_auc": auc,
        "turned": WithNull(over["turned"], over["turned_null"]),
    }, ""


def _numbers(claim: Claim, measured: dict[str, WithNull]) -> dict[str, Triple | None]:
    """Triples by the names of the rule."""
    found: dict[str, Triple | None] = dict.fromkeys(claim.needs())
    for name, one in measured.items():
        found |= {name: one.found.triple, f"{name}_null": one.null.triple}
    return found
