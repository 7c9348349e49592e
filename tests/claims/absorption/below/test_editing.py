import pytest
import torch

from saecore.claims.absorption.below import editing
from tests.claims.absorption.planted import EACH, absorbed_of


@pytest.fixture(scope="module")
def found(setting, study):
    return editing.editing(setting, study.saes, setting.letters)


def test_new_letters_are_never_the_old_ones(setting, study):
    one = study.saes[setting.grid.base[0]]
    drawn = editing.choose(setting.letters, one, torch.Generator().manual_seed(0))
    assert (drawn.old != drawn.new).all()
    assert torch.equal(drawn.old, drawn.word // EACH)
    assert len(drawn.word.unique()) == 3 * EACH


def test_mean_rows_turn_the_mean_of_a_letter_into_that_of_another(setting):
    letters = setting.letters
    rows, label = letters.rows, letters.words.labels.float().argmax(1)
    drawn = editing.EditedWords(torch.arange(EACH), label[:EACH], label[:EACH] + 1)
    edit = editing.by_mean_rows(letters, drawn)
    moved = edit(rows[:EACH], torch.arange(EACH))
    torch.testing.assert_close(moved.mean(0), rows[label == 1].mean(0))


def test_latents_write_the_letter_unless_another_carries_the_old_one(setting, study):
    recipe = setting.grid.base[0]
    one, sae = study.saes[recipe], setting.zoo.get(recipe)
    word = torch.arange(EACH, 2 * EACH)  # all words of B get the letter A
    drawn = editing.EditedWords(word, torch.ones_like(word), torch.zeros_like(word))
    edit = editing.by_latents(setting.letters, sae, one, drawn)
    rows = edit(setting.letters.rows[word], torch.arange(EACH))
    absorbed = torch.zeros(EACH, dtype=torch.bool)
    absorbed[absorbed_of(recipe)[1]] = True
    assert (rows[absorbed, 1] > 0.9).all()  # B stays
    assert rows[~absorbed, 1].mean() < 0.4
    assert (rows[:, 0] > 0.5).all()  # A is written


def test_mean_rows_do_better_than_latents_that_absorb(found):
    settings = {name for name, _ in found.named}
    assert settings == {"TopK, width 160", "TopK, width 640"}
    for name in settings:
        latents, rows = (found.named[name, way] for way in ("latents", "mean rows"))
        assert rows.estimate >= latents.estimate
        assert rows.estimate > 0.9


def test_what_is_kept_is_asked_of_the_categories(found):
    # the category is the letter here, so a named letter is a lost category
    for place, named in found.named.items():
        assert found.kept[place] <= 1 - named.estimate + 0.2


def test_without_categories_nothing_is_said_of_them(setting, study):
    found = editing.editing(setting, study.saes, None)
    assert set(found.kept.values()) == {None}


def test_absorbed_words_keep_their_letter_more_often(found):
    for place in found.named:
        if place[1] == "latents":
            assert found.absorbed[place] < found.others[place]


def test_a_setting_without_two_letters_is_left_out(setting, study):
    recipe = setting.grid.places["topk", 160, 4][0]
    few = study.saes[recipe]._replace(counts=torch.tensor([True, False, False]))
    found = editing.editing(setting, study.saes | {recipe: few}, None)
    assert {name for name, _ in found.named} == {"TopK, width 640"}
