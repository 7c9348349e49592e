from importlib.resources import files

import pytest

from saecore.errors import Unsuited
from saecore.source.model.language_model import open_model
from saecore.source.tasks.facts import read_facts
from saecore.source.tasks.labelled_words import labelled
from saecore.source.tasks.vocabulary import whole_words
from saecore.tiny_lm.model_folder import write_folder
from saecore.tiny_lm.recipe import TrainingRecipe, new_model
from saecore.tiny_lm.tokeniser import whole_word_tokeniser


@pytest.fixture(scope="module")
def model():
    return open_model(str(files("saecore") / "tiny"))


@pytest.fixture(scope="module")
def spelling(tmp_path_factory):
    """A language model without a single whole word: its tokens are bytes and
    endings.
    """
    made, recipe = (
        whole_word_tokeniser({}, [], size=300),
        TrainingRecipe(d_model=16, heads=2, d_mlp=32, length=32),
    )
    folder = tmp_path_factory.mktemp("models") / "spelling"
    write_folder(
        new_model(recipe, vocabulary=made.get_vocab_size()), made, folder, training={}
    )
    return open_model(folder)


def test_the_label_of_a_word_is_its_first_letter(model):
    words = whole_words(model)[::10]
    found = labelled(model, "letter", words=words, at_least=10)
    assert sorted(found.words) == words
    for prompt, row in zip(found.prompts, found.labels, strict=True):
        true = [name for name, label in zip(found.names, row, strict=True) if label]
        assert true == (
            [prompt.word[0].upper()] if prompt.word[0].upper() in found.names else []
        )


def test_an_answer_with_too_few_words_is_no_label_but_its_words_stay(model):
    few, many = (labelled(model, "category", at_least=n) for n in (33, 20))
    assert set(few.names) < set(many.names)
    assert few.words == many.words
    assert all(count >= 33 for count in few.labels.sum(0).tolist())


def test_a_name_that_two_persons_share_is_left_out(model):
    names = [person.name for person in read_facts().persons]
    found = labelled(model, "country").words
    assert len(found) == len(set(found))
    assert set(found) <= {name for name in names if names.count(name) == 1}


def test_all_words_stand_in_the_same_sentence(model):
    found = labelled(model, "profession", sentence=2)
    assert len({prompt.text.replace(prompt.word, "_") for prompt in found.prompts}) == 1


def test_without_two_common_answers_there_is_nothing_to_label(model):
    with pytest.raises(
        Unsuited, match="'pronoun' needs two answers with 900 words each"
    ):
        labelled(model, "pronoun", at_least=900)
    counts = sorted(labelled(model, "pronoun").labels.sum(0).tolist())
    assert len(counts) == 2
    with pytest.raises(
        Unsuited, match=f"second commonest answer has {counts[0]} such words"
    ):
        labelled(model, "pronoun", at_least=counts[0] + 1)


@pytest.mark.parametrize(
    "task", ["letter", "category", "country", "profession", "pronoun"]
)
def test_a_model_that_spells_its_words_does_not_suit_and_is_told_which_model_would(
    spelling, task
):
    assert whole_words(spelling) == []
    with pytest.raises(
        Unsuited, match=r"has 0 such words .*: use a model that holds more whole words"
    ):
        labelled(spelling, task, words=["house", "horse"])
    with pytest.raises(Unsuited, match="has 0 such words"):
        labelled(spelling, "letter", words=whole_words(spelling))


def test_common_answers_can_be_thinned_to_the_size_of_others(model):
    words = whole_words(model)[::5]
    whole = labelled(model, "letter", words=words, at_least=5)
    thin, again, other = (
        labelled(model, "letter", words=words, at_least=5, at_most=20, seed=seed)
        for seed in (0, 0, 1)
    )
    counts = dict(zip(whole.names, whole.labels.sum(0).tolist(), strict=True))
    assert thin.names == whole.names
    assert thin.labels.sum(0).tolist() == [min(20, counts[name]) for name in thin.names]
    assert thin.words == again.words
    assert thin.words != other.words
