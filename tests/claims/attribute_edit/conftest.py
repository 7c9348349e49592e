"""Persons of planted attributes, in SAEs of names."""

from collections.abc import Iterator

import pytest

from saecore.claims.attribute_edit import person_edits
from saecore.claims.non_atomicity.meta_saes import MetaSAEs, of_names, of_world
from saecore.claims.non_atomicity.persons import Quiz
from saecore.report import Claim
from tests.claims.non_atomicity.planted import (
    PROFILE,
    PlantedZoo,
    answered,
    person_saes,
    planted_quiz,
)


@pytest.fixture(scope="package")
def claim() -> Claim:
    return Claim.read("attribute_edit")


@pytest.fixture(scope="package")
def about() -> Iterator[Quiz]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(person_edits, "answered", answered)
        yield planted_quiz()


@pytest.fixture(scope="package")
def model(claim, about) -> MetaSAEs:
    found = of_names(PlantedZoo(), PROFILE, claim)
    return person_saes(found, about, found.grid.names)


@pytest.fixture(scope="package")
def world(claim) -> MetaSAEs:
    return of_world(PlantedZoo(), PROFILE, claim)
