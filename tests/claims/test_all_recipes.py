"""What the notebooks ask for, in one list."""

from dataclasses import replace
from pathlib import Path

from saecore import profiles
from saecore.claims import all_recipes as module
from saecore.claims.absorption.grid import absorption_grid
from saecore.claims.absorption_toys.grid import toy_grid
from saecore.claims.all_recipes import all_recipes, possible
from saecore.claims.non_atomicity.grid import meta_grid
from saecore.report import Claim
from saecore.zoo.store import Zoo


def test_a_list_knows_the_untrained_twin_that_was_written(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    tiny = profiles.read("tiny")
    before = set(all_recipes(tiny, written=True))
    asked = set(all_recipes(tiny))
    assert before != asked == set(all_recipes(tiny, written=True))


def test_every_recipe_is_asked_for_once(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    asked = all_recipes(profiles.read("tiny"))
    assert len(asked) == len(set(asked)) == 468


class Words(Zoo):
    """A zoo that knows how many words a model has."""

    def __init__(self, rows):
        self.rows = range(rows)

    def get(self, recipe):
        return self.rows


def test_words_a_users_model_has_too_few_of_are_left_out_with_a_sentence(monkeypatch):
    tiny, claim = profiles.read("tiny"), Claim.read("non_atomicity")
    recipes = [*absorption_grid(tiny).recipes(), *meta_grid(tiny, claim).names]
    monkeypatch.setattr(module, "all_recipes", lambda profile: recipes)
    shown = module.explored(tiny)
    monkeypatch.setattr(module, "explored", lambda profile: shown)
    own, asked = replace(tiny, folder=Path("small")), absorption_grid(tiny)
    everywhere = [one for one in recipes if one in asked.everywhere]
    more = [*toy_grid(world_seed=0).recipes(), shown]
    assert possible(Words(tiny.width), own) == ([*recipes, *more], "")
    kept, sentence = possible(Words(tiny.width - 1), own)
    assert kept == [*everywhere, *more]
    assert f"{len(recipes) - len(everywhere)} SAEs of words" in sentence
    assert possible(Words(0), tiny) == ([*recipes, *more], "")
