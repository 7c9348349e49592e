"""Study of the claim: the numbers by which it is judged, each beside its null, on the
language model and in the world of features.
"""

from typing import NamedTuple

from saecore.claims.non_atomicity import combinations, entities, ladder, resemblance
from saecore.claims.non_atomicity.choice import Choice, choice
from saecore.claims.non_atomicity.combinations import Shares
from saecore.claims.non_atomicity.ladder import Rung
from saecore.claims.non_atomicity.meta_saes import (
    MetaSAEs,
    RuleNumbers,
    Triple,
    WithNull,
    of_model,
    of_world,
)
from saecore.claims.non_atomicity.persons import text_attributes
from saecore.claims.non_atomicity.resemblance import Closest
from saecore.errors import Unsuited
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.zoo.store import Zoo


class OnSubject(NamedTuple):
    """What was measured on one subject."""

    rung: Rung
    """Variance explained by meta-SAEs, and by those of rows without parts."""
    near: Closest
    """Closest latents of the smaller SAE."""
    shares: Shares
    """Variance explained by latents of the smaller SAE, and by other directions."""
    choice: Choice
    """The five-way choice."""
    attributes: WithNull | None
    """Attributes told by meta-latents; None where nobody can be asked about."""


class Study(NamedTuple):
    """The claim's headline."""

    claim: Claim
    """The claim and its rule."""
    model: MetaSAEs
    """Meta-SAEs on the language model."""
    world: MetaSAEs
    """Meta-SAEs in the world of features."""
    known: dict[str, Rung]
    """Variance explained of rows that are known: the test of the test."""
    measured: dict[str, OnSubject]
    """By subject ("model", "world")."""
    left_out: str
    """Why the language model was not asked about persons; empty if it was."""
    numbers: dict[str, RuleNumbers]
    """By subject, what `Claim.judge` decides by; None where it could not be asked."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Are latents made of parts? Every number of the rule, beside its null.

    Raises what the zoo raises where an SAE cannot be made. A language model that cannot
    be asked about persons leaves out the numbers about them, and says why.
    """
    claim = claim or Claim.read("non_atomicity")
    model, world = of_model(zoo, profile, claim), of_world(zoo, profile, claim)
    known = ladder.of_known(world)
    attributes, left_out = _attributes(model)
    measured = {
        "model": subject(model, choice(model), attributes),
        "world": in_world(world),
    }
    numbers = {
        "model": numbers_of(model, measured["model"]),
        "world": numbers_of(world, measured["world"]),
    }
    tested = {f"{what}_excess": _excess(world, one) for what, one in known.items()}
    numbers = {name: found | tested for name, found in numbers.items()}
    return Study(claim, model, world, known, measured, left_out, numbers)


def _attributes(model: MetaSAEs) -> tuple[WithNull | None, str]:
    """Attributes of persons in the SAEs of text, and why there are none."""
    try:
        return text_attributes(model), ""
    except Unsuited as why:
        return None, str(why)


def subject(
    found: MetaSAEs, told: Choice, attributes: WithNull | None, kind: str = "relu"
) -> OnSubject:
    """Everything about the SAEs of one architecture."""
    return OnSubject(
        ladder.of_kind(found, kind),
        resemblance.closest(found, kind),
        combinations.combined(found, kind),
        told,
        attributes,
    )


def in_world(world: MetaSAEs, kind: str = "relu") -> OnSubject:
    """The same in the world, where attributes are known."""
    seeds = entities.entity_latents(world, entities.bundles(world), kind)
    told = entities.told_entities(world, seeds)
    return subject(world, told, entities.attributes(world, seeds), kind)


def numbers_of(found: MetaSAEs, one: OnSubject) -> RuleNumbers:
    """Triples by the names of the rule, but for the rows that are known."""
    explained = WithNull(*ladder.over_rung(found, one.rung))
    alike = resemblance.resemblance(found, one.near)
    combined = combinations.beside_own(found, one.shares)
    about = one.attributes
    return {
        **_triples("explained", explained),
        **_triples("resemblance", alike),
        **_triples("combined", combined),
        **_triples("choice", one.choice.random),
        "choice_hard_excess": one.choice.near.excess.triple,
        **_triples("attribute_auc", about),
    }


def _triples(name: str, one: WithNull | None) -> RuleNumbers:
    """A number, its null and the difference."""
    names = name, f"{name}_null", f"{name}_excess"
    if one is None:
        return dict.fromkeys(names)
    triples = (each.triple for each in (one.found, one.null, one.excess))
    return dict(zip(names, triples, strict=True))


def _excess(found: MetaSAEs, one: Rung) -> Triple:
    _, _, excess = ladder.over_rung(found, one)
    return excess.triple
