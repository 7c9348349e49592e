"""Which notebooks stand beside a page, and the notes of the teacher's."""

from nbformat import v4

from saecore.teaching.copies import copies, notes_of
from saecore.teaching.exercises import Exercise
from saecore.teaching.lessons import Lesson, Purpose

WHY = {"ex-one": Purpose("To see.", "The light.")}
LESSON = Lesson("page", [], [], [], WHY, [], [], [])


def test_a_page_without_a_lesson_has_one_copy(tmp_path):
    page = v4.new_notebook(cells=[v4.new_markdown_cell("# Title")])
    made = copies(tmp_path, {"page": page})
    assert list(made) == ["page.ipynb"]
    assert made["page.ipynb"] is not page


def test_a_note_has_minutes_purpose_and_difficulty():
    asked = [Exercise("ex-one", 2, "", "", True), Exercise("ex-two", 1, "", "", True)]
    made = notes_of(LESSON, asked)
    assert made == {
        "ex-one": "5 minutes. To see. Where learners get stuck: The light.",
    }
