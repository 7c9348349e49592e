"""What a notebook would have shown."""

import json

import pytest


@pytest.fixture
def shown(monkeypatch):
    """The bundles that were displayed: pairs of data and metadata."""
    bundles = []

    def display(data, *, raw, metadata=None):
        assert raw
        json.dumps(data, allow_nan=False)
        bundles.append((data, metadata))

    monkeypatch.setattr("IPython.display.display", display)
    return bundles
