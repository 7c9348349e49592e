import pytest

from saecore import profiles
from saecore.claims import sites
from saecore.source.site import Site
from saecore.source.worlds.world import World


@pytest.fixture
def rows_in_a_zoo(tmp_path, monkeypatch):
    """A zoo that holds the rows of a small world, the profile, and the rows' recipe."""
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    profile = profiles.read("tiny")
    zoo = sites.open_zoo(profile)
    site = Site(World(d_model=16), rows=512)
    zoo.get(site)
    return zoo, profile, site
