"""Rows of worlds cost nothing here (see `cheap_world`); both ways to compute."""

import pytest

from saecore.compiled import availability


@pytest.fixture(autouse=True)
def worlds_are_cheap(cheap_world) -> None:
    """In every test of this folder."""


@pytest.fixture(params=["compiled", "plain torch"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Once by compiled loops, and once by their twins in plain torch."""
    if request.param == "plain torch":
        monkeypatch.setattr(availability, "available", lambda: False)
    return request.param
