import pytest

from saecore.profiles import TINY
from saecore.source.model.language_model import open_model
from saecore.source.tasks.labelled_tokens import token_kinds, token_texts


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


@pytest.fixture(scope="module")
def kinds(model):
    return token_kinds(model)


def texts_of(model, kinds, kind, label):
    texts = token_texts(model)
    return {texts[token] for token in kinds[kind][label]}


def test_every_token_has_its_text_with_its_space(model):
    texts = token_texts(model)
    assert len(texts) == model.vocab_size
    assert texts[model.token("dog")] == " dog"


@pytest.mark.parametrize(
    ("kind", "label", "in_it", "not_in_it"),
    [
        ("first letter", "d", " dog", " cat"),
        ("shape", "capitalised word", " Lily", " dog"),
        ("shape", "word", " dog", " Lily"),
        ("shape", "punctuation", ",", " dog"),
        ("shape", "end of a sentence", ".", ","),
        ("ending", "ing", " playing", " dog"),
        ("category", "animal", " dog", " Lily"),
        ("gender", "female", " Lily", " Tom"),
        ("gender", "male", " Tom", " queen"),
        ("part", "first name", " Lily", " queen"),
        ("part", "role", " queen", " Lily"),
    ],
)
def test_labels_hold_the_words_that_they_name(
    model, kinds, kind, label, in_it, not_in_it
):
    found = texts_of(model, kinds, kind, label)
    assert in_it in found
    assert not_in_it not in found


def test_labels_are_sorted_lists_of_tokens_and_none_is_empty(model, kinds):
    for labels in kinds.values():
        for tokens in labels.values():
            assert tokens
            assert list(tokens) == sorted(set(tokens))
            assert 0 <= tokens[0] <= tokens[-1] < model.vocab_size
