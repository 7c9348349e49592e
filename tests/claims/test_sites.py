"""Where claims get their rows from, and what opens them."""

import pytest

from saecore.claims import sites
from saecore.profiles import TINY, read
from saecore.recipes.sae import SAERecipe


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
