import pytest

from tests.claims.absorption.planted import planted_study


@pytest.fixture(scope="package")
def study():
    """The claim's study on the planted case; read only."""
    return planted_study()


@pytest.fixture(scope="package")
def setting(study):
    """Its setting."""
    return study.setting
