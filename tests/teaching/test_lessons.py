"""Lessons are whole, and say what is wrong if they are not."""

import pytest

from saecore.report.paths import ReportError
from saecore.teaching.lessons import lesson, lessons

QUESTION = """
[[quiz]]
question = "Is it?"
right = "Yes."
why = "It is."
[quiz.wrong]
"No." = "Mixes it up."
"Never." = "Overstates."
"""
HEAD = """goals = ["see"]
before = []
know = []
discuss = ["a", "b", "c"]
slides = []
[exercises.ex-one]
purpose = "To see."
difficulty = "The light."
"""


def test_a_lesson_is_read(tmp_path):
    (tmp_path / "page.toml").write_text(HEAD + 5 * QUESTION)
    (tmp_path / "syllabus.toml").write_text("")
    (found,) = lessons(tmp_path).values()
    assert found.page == "page"
    assert found.exercises["ex-one"].purpose == "To see."
    assert found.quiz[4].wrong["Never."] == "Overstates."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + 4 * QUESTION, "got 4 and 3"),
        (HEAD.replace(', "c"', "") + 5 * QUESTION, "got 5 and 2"),
        (HEAD.replace("goals", "aims") + 5 * QUESTION, "'goals' is wrong"),
        (HEAD + 5 * QUESTION.replace('"No." =', '"Yes." ='), "none of them"),
        (HEAD + 5 * QUESTION.replace('"No." = "Mixes it up."', ""), "2 wrong answers"),
        (HEAD.replace("difficulty", "trouble") + 5 * QUESTION, "trouble"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, said):
    (tmp_path / "page.toml").write_text(text)
    with pytest.raises(ReportError, match=said):
        lesson(tmp_path / "page.toml")
