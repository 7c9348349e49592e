"""What is put into a page when the book is made: its box, its quiz and its questions to
discuss.

Answers of a quiz are folded, each below itself, so no script is needed.
"""

from collections.abc import Mapping
from copy import deepcopy
from html import escape
from pathlib import Path
from typing import Any

from saecore.teaching.exercises import markdown
from saecore.teaching.lessons import Lesson, QuizQuestion, lessons
from saecore.teaching.minutes import minutes


def include(page: str, piece: str) -> str:
    """The directive by which a page takes a piece of its lesson."""
    return f"```{{include}} ../_generated/teaching/{page}-{piece}.md\n```"


def pieces_of(lesson: Lesson, page: Any, titles: Mapping[str, str]) -> dict[str, str]:
    """The pieces of a page in Markdown, by name. `titles` has the pages' titles."""
    return {"box": box(lesson, page, titles), "questions": quiz_and_discussion(lesson)}


def box(lesson: Lesson, page: Any, titles: Mapping[str, str]) -> str:
    """Goals, what to know before, and minutes."""
    takes = minutes(page)
    before = [f"[{titles[name]}]({name}.ipynb)" for name in lesson.before]
    goals = [f"- {goal}" for goal in lesson.goals]
    lines = [
        "**After this page you can**",
        "",
        *goals,
        "",
        f"**Before it:** {'; '.join([*before, *lesson.know])}.",
        "",
        f"**Minutes:** {takes.reading} to read ({takes.words:,} words, {takes.cells} "
        f"outputs and cells of code), {takes.solving} for {takes.exercises} exercises.",
    ]
    return "\n".join(["```{admonition} This page", ":class: tip", *lines, "```", ""])


def quiz_and_discussion(lesson: Lesson) -> str:
    """The quiz, and what to discuss."""
    items = "".join(_question(one) for one in lesson.quiz)
    quiz = f'<ol class="sae-quiz">{items}</ol>'
    discuss = [f"{n}. {text}" for n, text in enumerate(lesson.discuss, 1)]
    lead = "Five questions. Choose an answer, and open it to see what speaks for it."
    return "\n".join(
        [lead, "", quiz, "", "**To discuss:**", "", *discuss, ""],
    )


def _question(one: QuizQuestion) -> str:
    """A question with its answers in the order of the alphabet."""
    said = {answer: f"No. {why}" for answer, why in one.wrong.items()}
    said[one.right] = f"Yes. {one.why}"
    answers = "".join(
        f"<details><summary>{escape(answer)}</summary><p>{escape(said[answer])}</p>"
        "</details>"
        for answer in sorted(said, key=str.casefold)
    )
    return f"<li><p>{escape(one.question)}</p>{answers}</li>"


def write_pieces(root: Path, folder: Path) -> None:
    """Write the pieces of all lessons of a checkout into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in pieces_by_page(root).items():
        for piece, text in made.items():
            (folder / f"{name}-{piece}.md").write_text(text, encoding="utf-8")


def pieces_by_page(root: Path) -> dict[str, dict[str, str]]:
    """The pieces of all lessons of a checkout, by page and name."""
    pages = source_pages(root)
    titles = {name: title(page) for name, page in pages.items()}
    return {
        name: pieces_of(one, pages[name], titles)
        for name, one in lessons(root / "book" / "teaching").items()
        if name in pages
    }


def source_pages(root: Path) -> dict[str, Any]:
    """The notebooks that people edit, without outputs, by name."""
    import jupytext

    sources = sorted((root / "notebooks").glob("*.py"))
    return {source.stem: jupytext.read(source) for source in sources}


def title(page: Any) -> str:
    """The first heading of a notebook."""
    lines = markdown(page.cells).splitlines()
    return next((line[2:] for line in lines if line.startswith("# ")), "")


def expanded(page: Any, name: str, made: Mapping[str, str]) -> Any:
    """The page `name` with its pieces in the place of the directives, for a notebook
    that is read alone.
    """
    whole = deepcopy(page)
    for cell in whole.cells:
        if cell.cell_type == "markdown":
            for piece, text in made.items():
                cell["source"] = cell.source.replace(include(name, piece), text)
    return whole
