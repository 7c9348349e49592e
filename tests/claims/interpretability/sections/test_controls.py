"""Controls: few fragments, an untrained model, asked words."""

from types import SimpleNamespace

import pytest

from saecore.claims.interpretability.sections import controls as controlled
from saecore.claims.interpretability.sections.controls import (
    fragments_at_words,
    score_controls,
)
from saecore.claims.sites import asked_words
from saecore.measures.explaining.fragments import LENGTH


@pytest.fixture(scope="module")
def source(profile):
    return asked_words(profile)


@pytest.fixture
def few(monkeypatch):
    """Three sentences' worth of asked words, and half of another one."""
    texts = ["The cat saw a dog", " a red house", " the sea"]
    words = [SimpleNamespace(before=texts[n % 3]) for n in range(7 * LENGTH // 2)]
    monkeypatch.setattr(controlled, "SENTENCES", 3)
    monkeypatch.setattr(controlled, "asked", lambda *_: words)
    return words


def test_fragments_at_words_are_the_words_with_the_token_before(found, source, few):
    words = fragments_at_words(found.explainer, source)
    assert words is not None
    for n, one in enumerate(few[: 3 * LENGTH]):
        ids, at = found.explainer.model.encode(one.before), divmod(n, LENGTH)
        assert [int(words.previous[at]), int(words.token[at])] == ids[-2:]
        assert int(words.place[at]) == len(ids) - 1
    assert words.row.flatten().tolist() == list(range(3 * LENGTH))
    assert words.fitting.tolist() == [True, False, True]


def test_a_model_with_few_of_the_words_has_no_lines_at_words(
    found, source, monkeypatch
):
    monkeypatch.setattr(controlled, "asked", lambda *_: [])
    assert fragments_at_words(found.explainer, source) is None
    assert controlled.at_asked_words(found) == {}


def test_few_fragments_are_enough_for_one_token(found, monkeypatch):
    monkeypatch.setattr(controlled, "at_asked_words", lambda _: {})
    made = score_controls(found)
    assert list(made) == [
        "base, few fragments", "ICA, few fragments",
        "coordinates of an untrained model",
    ]  # fmt: skip
    assert made["base, few fragments"].score > 0.9
