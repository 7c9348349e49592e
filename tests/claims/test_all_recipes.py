"""What the notebooks ask for, in one list."""

import hashlib
from dataclasses import replace
from pathlib import Path

from saecore import profiles
from saecore.claims import all_recipes as module
from saecore.claims.absorption.grid import absorption_grid, untrained_words
from saecore.claims.absorption_toys.grid import toy_grid
from saecore.claims.all_recipes import all_recipes, possible
from saecore.claims.by_page import explored
from saecore.claims.interpretability.grid import untrained_saes
from saecore.claims.non_atomicity.grid import meta_grid
from saecore.profiles import TINY
from saecore.report import Claim
from saecore.source.model.language_model import LanguageModel, identify
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
    assert len(asked) == len(set(asked)) == 476


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


TINY_KEYS = 879, "0d7860f224f27216133dbf0e62efec3e942c5a42b31abe5652d17615d9e02d1a"
"""How many recipes the shipped model's book asks for, and the sha256 of their keys."""


def test_no_key_of_the_shipped_models_book_moves(tmp_path):
    """A key that moves makes an artefact anew; change the digest only if that is
    meant.
    """
    tiny, zoo = profiles.read("tiny"), Zoo(tmp_path, workers=1)
    blank = LanguageModel("blank", "0" * 64)
    twins = [
        one
        for grid in (untrained_words, untrained_saes)
        for one in grid(tiny, zoo, blank=blank)
    ]
    own = [
        one
        for one in all_recipes(tiny, written=True)
        if not getattr(one, "site", None)
        or one.site.model is None
        or one.site.model == identify(TINY)
    ]
    toys = toy_grid(world_seed=0).recipes()
    asked = [*own, *twins, *toys, explored(tiny)]
    keys = sorted({one.key for one in asked})
    digest = hashlib.sha256("".join(keys).encode()).hexdigest()
    assert (len(keys), digest) == TINY_KEYS
