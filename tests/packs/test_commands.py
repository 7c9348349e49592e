"""What `saecore pack` and `saecore zoo --from` do and say."""

import pytest

from saecore import profiles
from saecore.claims import all_recipes, by_page, sites
from saecore.packs import commands
from saecore.packs.layout import BadPack, file_digest

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


def test_no_release_is_a_sentence_and_what_a_release_has_is_taken(
    asked, tmp_path, empty, monkeypatch
):
    def none():
        raise commands.NoRelease("none is known here")

    monkeypatch.setattr(commands, "pack_address", none)
    assert commands.take("release", TINY) == "none is known here"
    path = tmp_path / "x.safetensors"
    commands.write(path, TINY, [])
    monkeypatch.setattr(sites, "open_zoo", lambda profile: empty)
    monkeypatch.setattr(commands, "pack_address", lambda: "http://127.0.0.1:9/x")
    assert commands.take("release", TINY).startswith("no release with trained SAEs")
    monkeypatch.setattr(commands, "fetched", lambda address, folder: path)
    monkeypatch.setattr(commands, "is_address", lambda said: True)
    assert commands.take("release", TINY).startswith("1 SAE taken from pack")


def test_a_damaged_pack_of_a_release_is_an_error(asked, tmp_path, monkeypatch):
    path = tmp_path / "x.safetensors"
    path.write_text("no pack")
    monkeypatch.setattr(commands, "pack_address", lambda: "http://127.0.0.1:9/x")
    monkeypatch.setattr(commands, "fetched", lambda address, folder: path)
    with pytest.raises(BadPack):
        commands.take("release", TINY)


def test_the_headlines_are_on_pages_with_cards():
    pages = commands.headline_pages()
    assert "absorption" in pages
    assert set(pages) <= set(by_page.PAGES)
