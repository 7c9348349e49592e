"""Meta-SAEs of planted parts, as the sections of the claim take them."""

import pytest

from saecore.claims.non_atomicity.meta_saes import MetaSAEs, of_model, of_world
from saecore.report import Claim
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo


@pytest.fixture(scope="package")
def claim() -> Claim:
    return Claim.read("non_atomicity")


@pytest.fixture(scope="package")
def model(claim: Claim) -> MetaSAEs:
    return of_model(PlantedZoo(), PROFILE, claim)


@pytest.fixture(scope="package")
def world(claim: Claim) -> MetaSAEs:
    return of_world(PlantedZoo(), PROFILE, claim)
