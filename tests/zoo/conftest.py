"""Rows of worlds cost nothing here (see `cheap_world`)."""

import pytest


@pytest.fixture(autouse=True)
def worlds_are_cheap(cheap_world) -> None:
    """In every test of this folder."""
