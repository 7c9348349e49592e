"""Where claims get their rows from, and what opens them."""

import shutil
from dataclasses import replace

import pytest

from saecore.claims import sites
from saecore.profiles import TINY, read
from saecore.recipes.keys import key
from saecore.recipes.sae import SAERecipe
from saecore.zoo.language_models import OF_THE_BOOK, known_as, written_twin


def test_a_run_is_opened_by_the_name_of_its_profile(monkeypatch, tmp_path):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    zoo, subject = sites.opened("tiny", 7)
    assert zoo.root == tmp_path / "zoo"
    assert (subject.folder, subject.world_seed) == (TINY, 7)
    assert not zoo.root.exists()


def test_another_sample_of_text_differs_in_nothing_else():
    first, other = (
        sites.model_site(read("tiny")),
        sites.model_site(read("tiny"), sample=1),
    )
    assert first != other
    assert first.source == other.source


def test_a_name_that_is_no_profile_is_refused():
    with pytest.raises(ValueError, match="profile"):
        sites.opened("no/such/folder")


def test_members_are_every_recipe_once():
    one = sites.model_site(read("tiny"))
    recipe = SAERecipe(one, "topk", 8, 2, rows=2048)
    assert sites.members({"a": [recipe], "b": {1: [recipe, recipe]}}) == [recipe]


def small(folder):
    return replace(read(str(folder)), sequences=2, length=5)


def test_of_a_model_whose_folder_was_renamed_nothing_is_made_again(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    first = small(shutil.copytree(TINY, tmp_path / "first"))
    text, site = sites.model_text(first), sites.model_site(first)
    tokens = sites.open_zoo(first).get(text)
    second = small((tmp_path / "first").rename(tmp_path / "second"))
    zoo, again = sites.open_zoo(second), sites.model_site(second)
    assert key(again) == key(site)
    assert (zoo.find(sites.model_text(second)) == tokens).all()
    assert len(zoo.get(again)) == 8
    twin = written_twin(second.folder, root=zoo.root)
    assert twin.name == "untrained-first"
    assert {one.name.split("-")[0] for one in zoo.root.glob("*/first*")} == {"first"}


def test_the_books_models_keep_their_names_whatever_else_the_zoo_holds(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    copy = small(shutil.copytree(TINY, tmp_path / "copy"))
    sites.open_zoo(copy).get(sites.model_text(copy))
    model = sites.model_of(copy)
    assert sites.model_of(read("tiny")).name == "tiny"
    for name in OF_THE_BOOK:
        assert known_as(replace(model, name=name), tmp_path / "zoo").name == name
    other = replace(model, name="other", fingerprint="0" * 64)
    assert known_as(other, tmp_path / "zoo") == other
    assert known_as(replace(model, name="other"), tmp_path / "zoo").name == "copy"
