"""Which notebooks stand beside a page for programs that do not speak MyST: itself, one
for students and one for their teacher.
"""

from pathlib import Path
from typing import Any

from saecore.teaching.exercises import Exercise, exercises
from saecore.teaching.lessons import Lesson, lessons
from saecore.teaching.minutes import MINUTES_BY_LEVEL
from saecore.teaching.pieces import expanded, pieces_by_page
from saecore.teaching.versions import instructor, student

STUDENTS, INSTRUCTORS = "students", "instructors"


def copies(root: Path, pages: dict[str, Any]) -> dict[str, Any]:
    """Notebooks in MyST by their path below book/portable: all `pages`, and those of
    lessons twice more.
    """
    known, made = lessons(root / "book" / "teaching"), pieces_by_page(root)
    found: dict[str, Any] = {}
    for name, page in pages.items():
        whole = expanded(page, name, made.get(name, {}))
        found[f"{name}.ipynb"] = whole
        if name in known:
            notes = notes_of(known[name], exercises(page))
            found[f"{STUDENTS}/{name}.ipynb"] = student(whole)
            found[f"{INSTRUCTORS}/{name}.ipynb"] = instructor(whole, notes)
    return found


def notes_of(lesson: Lesson, asked: list[Exercise]) -> dict[str, str]:
    """What the teacher reads at each exercise, by its label."""
    return {
        one.label: f"{MINUTES_BY_LEVEL[one.level]} minutes. "
        f"{lesson.exercises[one.label].purpose} Where learners get stuck: "
        f"{lesson.exercises[one.label].difficulty}"
        for one in asked
        if one.label in lesson.exercises
    }
