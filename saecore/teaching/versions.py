"""A page for students, without answers, and one for their teacher, with notes.

Both are made of the page's cells before they become plain Markdown, so that neither can
drift from the page.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from saecore.teaching.exercises import BLOCK, PREDICTION, Exercise, exercises

SETUP = """\
# `check("label of an exercise", answer)` says whether an answer is right.
from saecore.teaching import checker

check = checker(profile, world_seed)"""
OPEN = "answer = ...\ncheck({label!r}, answer)"
FREE = "# your work"
SOLUTION_START = re.compile(
    r"^```\{solution(?:-start)?\} (?P<label>\S+)\n(?::.*\n)*", re.M
)
SOLUTION_END = re.compile(r"^```\{solution-end\}\n```[ \t]*$\n?", re.M)
CLOSED = re.compile(r"^```[ \t]*$\n?", re.M)


def student(page: Any) -> Any:
    """`page` (a notebook in MyST) without solutions, with a cell for each answer, and
    with what is to be predicted before anything is run.
    """
    made = deepcopy(page)
    asked = {one.label: one for one in exercises(page)}
    cells = [_opened(c, asked) for c in without_solutions(made.cells, mark=True)]
    first, later = _predictions(cells)
    place = _after_parameters(later)
    made.cells = [*later[:place], _code(SETUP), *first, *later[place:]]
    return _numbered(made, "student")


def instructor(page: Any, notes: Mapping[str, str]) -> Any:
    """`page` with its solutions, and after each exercise the note to its label."""
    made = deepcopy(page)

    def noted(block: re.Match[str]) -> str:
        label = re.search(r"^:label: (\S+)$", block["body"], re.M)
        note = notes.get(label[1] if label else "")
        return (
            f"{block.group()}\n> **For the teacher.** {note}\n\n" if note else block[0]
        )

    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell["source"] = BLOCK.sub(noted, cell.source)
    return _numbered(made, "instructor")


def without_solutions(cells: Sequence[Any], *, mark: bool = False) -> list[Any]:
    """The cells without what stands between the start and the end of a solution.

    With `mark`, each solution leaves a cell of code with the exercise's label alone.
    """
    kept: list[Any] = []
    inside = False
    for cell in cells:
        if cell.cell_type == "code":
            kept += [] if inside else [cell]
            continue
        for part in _parts(cell.source, inside):
            if isinstance(part, bool):
                inside = part
            elif part.startswith("label:"):
                kept += [_code(part)] if mark else []
            elif part.strip():
                kept.append(_prose(part))
    return kept


def _parts(text: str, inside: bool) -> Iterator[str | bool]:
    """Prose outside of solutions, `label:...` where one begins, and whether the end of
    the text lies inside of one.
    """
    while text:
        if inside:
            end = SOLUTION_END.search(text)
            if end is None:
                break
            text, inside = text[end.end() :], False
            continue
        start = SOLUTION_START.search(text)
        if start is None:
            yield text
            break
        yield text[: start.start()]
        yield f"label:{start['label']}"
        closed = CLOSED.search(text, start.end())
        rest = closed.end() if closed else len(text)
        inside = "solution-start" in start.group()
        text = text[rest:]
    yield inside


def _opened(cell: Any, asked: Mapping[str, Exercise]) -> Any:
    """The cell for an answer in the place of a solution; any other as it is."""
    if cell.cell_type != "code" or not cell.source.startswith("label:"):
        return cell
    label = cell.source.removeprefix("label:")
    checked = label in asked and asked[label].checked
    return _code(OPEN.format(label=label) if checked else FREE)


def _predictions(cells: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What asks for a prediction, text and cell, and all the rest."""
    first: list[Any] = []
    later: list[Any] = []
    for cell in cells:
        if cell.cell_type == "code" and f"{PREDICTION}'" in cell.source:
            asked = later.pop()
            place = asked.source.rindex("```{exercise}")
            before, prediction = _cut(asked, place)
            later += [before] if before.source.strip() else []
            first += [prediction, cell]
        else:
            later.append(cell)
    return first, later


def _after_parameters(cells: Sequence[Any]) -> int:
    tagged = [
        place
        for place, cell in enumerate(cells)
        if "parameters" in cell.metadata.get("tags", [])
    ]
    return tagged[0] + 1 if tagged else 1


def _cut(cell: Any, place: int) -> tuple[Any, Any]:
    """A cell of prose as two."""
    return _prose(cell.source[:place]), _prose(cell.source[place:])


def _code(source: str) -> Any:
    import nbformat

    return nbformat.v4.new_code_cell(source)


def _prose(source: str) -> Any:
    import nbformat

    return nbformat.v4.new_markdown_cell(source)


def _numbered(page: Any, kind: str) -> Any:
    """Ids that are the same each time."""
    for place, cell in enumerate(page.cells):
        cell["id"] = f"{kind}-{place:02d}"
    return page
