"""What `saecore pack` and `saecore zoo --from` do and say."""

import pytest

from saecore import profiles
from saecore.claims import all_recipes, sites
from saecore.packs import commands
from saecore.packs.layout import file_digest

TINY = profiles.read("tiny")


@pytest.fixture
def asked(monkeypatch, zoo, recipe):
    """The pages ask for one SAE of this zoo; which pages were named."""
    named = []

    def possible(zoo, profile, pages):
        named.append(list(pages))
        return [recipe], ""

    monkeypatch.setattr(all_recipes, "possible", possible)
    monkeypatch.setattr(sites, "open_zoo", lambda profile: zoo)
    zoo.get(recipe)
    return named


def test_what_was_packed_and_taken_is_said(asked, tmp_path, empty, monkeypatch):
    path = tmp_path / "x.safetensors"
    said = commands.write(path, TINY, ["editing"])
    assert asked == [["editing"]]
    assert "1 SAE in float16" in said
    assert file_digest(path) in said
    monkeypatch.setattr(sites, "open_zoo", lambda profile: empty)
    assert commands.take(str(path), TINY).startswith("1 SAE taken from pack")
    assert "1 were there" in commands.take(str(path), TINY)


def test_an_address_is_fetched_first(asked, tmp_path, empty, monkeypatch):
    path = tmp_path / "x.safetensors"
    commands.write(path, TINY, [])
    monkeypatch.setattr(sites, "open_zoo", lambda profile: empty)
    seen = []

    def fetched(address, folder):
        seen.append((address, folder))
        return path

    monkeypatch.setattr(commands, "fetched", fetched)
    assert commands.take("https://example.org/x", TINY).startswith("1 SAE taken")
    assert seen == [("https://example.org/x", empty.root / "packs")]
    assert not path.exists()
