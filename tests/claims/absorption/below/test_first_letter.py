"""The best latents of letters, on the planted case."""

import pytest
import torch

from saecore.claims.absorption.below import first_letter as module
from saecore.claims.absorption.below.first_letter import LetterRows, first_letter
from saecore.recipes.sae import SAERecipe
from saecore.zoo.store import Zoo
from tests.claims.absorption.planted import PROFILE, planted_sae


class WordsZoo(Zoo):
    """The planted SAEs of words."""

    def get_all(self, recipes):
        assert all(isinstance(one, SAERecipe) for one in recipes)
        return {recipe: planted_sae(recipe) for recipe in recipes}


@pytest.fixture
def letters(setting):
    words = setting.letters.words
    probes = setting.letters.probes
    return LetterRows(setting.letters.rows, words.labels, probes, setting.rule)


@pytest.fixture
def found(letters, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "letter_rows", lambda profile: letters)
    return first_letter(WordsZoo(tmp_path), PROFILE)


def test_every_setting_of_the_claim_has_a_row(found, setting):
    grid = setting.grid
    assert len(found["settings"]) == len(grid.places) + len(grid.frozen)
    assert {row["frozen"] for row in found["settings"]} == {"", "decoder", "encoder"}


def test_latents_that_absorb_nothing_tell_the_letter_better(found):
    rows = [row for row in found["settings"] if row["architecture"] == "TopK"]
    fewest = next(row for row in rows if row["frozen"] == "decoder")
    most = min(rows, key=lambda row: row["F1"])
    assert most["F1"] < fewest["F1"] <= 1
    assert most["low"] <= most["F1"] <= most["high"]
    assert most["clean letters"] >= 1


def test_shuffled_letters_are_told_by_no_latent(found):
    assert found["shuffled F1"] < 0.6
    assert found["shuffled F1"] < min(row["F1"] for row in found["settings"])
    assert found["letters told"] == found["letters"] == 3
    assert found["words"] == 120


def test_the_best_latent_is_that_of_the_letter(letters, setting):
    sae = planted_sae(setting.grid.base[0])
    best = module.best_of_letters(letters, sae)
    assert set(best.latent.tolist()) <= {0, 1, 2, 3}
    f1 = module.best_f1(letters, [sae, sae])
    assert f1[0] == f1[1] == pytest.approx(float(best.f1.mean()))
    assert torch.isfinite(best.f1).all()
