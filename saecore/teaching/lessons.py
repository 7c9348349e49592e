"""What a page teaches, read from book/teaching/<page>.toml: goals, what to know before,
why each exercise is there, a quiz and questions to discuss.
"""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.paths import ReportError

QUESTIONS, DISCUSSED, FEWEST_WRONG = 5, 3, 2
"""How many a quiz has, how many there are to discuss, and wrong answers a question."""


class Purpose(NamedTuple):
    """Why an exercise is there."""

    purpose: str
    difficulty: str
    """Where learners get stuck."""


class QuizQuestion(NamedTuple):
    """One question of a quiz."""

    question: str
    right: str
    why: str
    wrong: dict[str, str]
    """Wrong answers, each with the misconception behind it."""


class Lesson(NamedTuple):
    """What a page teaches."""

    page: str
    goals: list[str]
    """Ends of the sentence "After this page you can"."""
    before: list[str]
    """Pages, by name, to be read before."""
    know: list[str]
    """What else to know before."""
    exercises: dict[str, Purpose]
    quiz: list[QuizQuestion]
    discuss: list[str]
    slides: list[str]
    """Figures, by name, for the slides."""


def lessons(folder: Path) -> dict[str, Lesson]:
    """All lessons of a folder, by page."""
    files = sorted(folder.glob("*.toml"))
    return {f.stem: lesson(f) for f in files if f.stem != "syllabus"}


def lesson(file: Path) -> Lesson:
    """One lesson. Raises ReportError if something is missing or of another kind."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        made = _lesson(file.stem, data)
    except (KeyError, TypeError) as error:
        raise ReportError(
            f"{file.name} must have goals, before, know, exercises, quiz, discuss and "
            f"slides as the other lessons do, but {error} is wrong: compare them"
        ) from error
    if problems := _problems(made):
        raise ReportError(f"{file.name}: {'; '.join(problems)}")
    return made


def _lesson(page: str, data: dict[str, Any]) -> Lesson:
    return Lesson(
        page,
        data["goals"],
        data["before"],
        data["know"],
        {label: Purpose(**one) for label, one in data["exercises"].items()},
        [QuizQuestion(**one) for one in data["quiz"]],
        data["discuss"],
        data["slides"],
    )


def _problems(made: Lesson) -> list[str]:
    """What is wrong with a lesson, in words."""
    found = []
    if len(made.quiz) != QUESTIONS or len(made.discuss) != DISCUSSED:
        found.append(
            f"a lesson has {QUESTIONS} questions in its quiz and {DISCUSSED} to "
            f"discuss, got {len(made.quiz)} and {len(made.discuss)}"
        )
    found += [
        f"a question has {FEWEST_WRONG} wrong answers or more, none of them the right "
        f"one, got {sorted(one.wrong)} for {one.question!r}"
        for one in made.quiz
        if len(one.wrong) < FEWEST_WRONG or one.right in one.wrong
    ]
    return found
