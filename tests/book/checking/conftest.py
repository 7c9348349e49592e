import pytest

from saecore import profiles
from saecore.claims import sites
from saecore.claims.absorption_toys.grid import toy_grid


@pytest.fixture
def zoo_of_toys(tmp_path, monkeypatch):
    """A zoo that holds two small toys, and the profile."""
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    profile = profiles.read("tiny")
    zoo = sites.open_zoo(profile)
    zoo.get_all(toy_grid(world_seed=0).recipes()[:2])
    return zoo, profile
