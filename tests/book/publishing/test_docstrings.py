"""Docstrings as Markdown: words stay words, whatever they hold."""

import pytest

from saecore.book.publishing.docstrings import as_markdown, escaped_prose, sentence


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a * b * c", r"a \* b \* c"),
        ("see `x_1 * x_2`, x_1", r"see `x_1 * x_2`, x\_1"),
        ("of $HOME and {role}`x`", r"of \$HOME and \{role\}`x`"),
        ("two\n  lines", "two lines"),
    ],
)
def test_signs_are_words_and_code_is_code(said, shown):
    assert escaped_prose(said) == shown


def test_examples_formulas_and_lists_keep_their_shape():
    text = "Head.\n\n>>> 1 + 1\n2\n\n    a = b\n\n- one\n  more\n- two"
    assert as_markdown(text).split("\n\n") == [
        "Head.",
        "```python\n>>> 1 + 1\n2\n```",
        "```text\na = b\n```",
        "- one more\n- two",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Absorption gap: recall of the parent.", "Absorption gap"),
        ("One of 0.5 at most. Then more.", r"One of 0.5 at most"),
        ("No full stop", "No full stop"),
        ("", ""),
    ],
)
def test_the_first_sentence_is_the_term(text, first):
    assert sentence(text) == first
