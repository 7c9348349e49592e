"""A trained SAE and a pack of it; rows of worlds cost nothing here."""

import pytest

from saecore.packs.writing import write_pack
from saecore.zoo.store import Zoo


@pytest.fixture(autouse=True)
def worlds_are_cheap(cheap_world) -> None:
    """In every test of this folder."""


@pytest.fixture
def pack(zoo, recipe, tmp_path):
    """A pack of one SAE that the zoo trained."""
    zoo.get(recipe)
    path = tmp_path / "one.safetensors"
    write_pack(zoo, [recipe], path)
    return path


@pytest.fixture
def empty(tmp_path):
    """Another zoo, with nothing in it."""
    return Zoo(tmp_path / "other", workers=1)
