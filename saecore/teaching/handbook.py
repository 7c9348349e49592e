"""What a teacher reads: which exercise is there for what, what the pages take, and
courses with their hours.
"""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.paths import ReportError
from saecore.teaching.exercises import Exercise, exercises
from saecore.teaching.lessons import Lesson, lessons
from saecore.teaching.minutes import MINUTES_BY_LEVEL, Minutes, minutes
from saecore.teaching.pieces import source_pages, title

_Cost = Mapping[str, float]
"""What running a page took: `seconds` and `peak_mb`."""


class Unit(NamedTuple):
    """One meeting of a course."""

    title: str
    pages: list[str]
    """Pages that are read in it, by name."""
    levels: list[int]
    """Levels of the exercises that are done in it."""
    plan: str


class Course(NamedTuple):
    """A way through the book."""

    title: str
    about: str
    units: list[Unit]


def courses(file: Path) -> list[Course]:
    """The courses of syllabus.toml. Raises ReportError where one is not like that."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        return [
            Course(one["title"], one["about"], [Unit(**unit) for unit in one["unit"]])
            for one in data["course"]
        ]
    except (KeyError, TypeError) as error:
        raise ReportError(
            f"{file.name} has courses with title, about and units (title, pages, "
            f"levels, plan), but {error} is wrong: compare it with the others"
        ) from error


def write_handbook(
    root: Path, folder: Path, costs: Mapping[str, _Cost], slides: Collection[str] = ()
) -> None:
    """Write what the teacher's pages of a checkout include into `folder`; `slides` are
    the pages that have some.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages, known = source_pages(root), lessons(root / "book" / "teaching")
    taught = {name: pages[name] for name in known if name in pages}
    made = {
        "exercises": exercises_text(taught, known, slides),
        "costs": costs_text(pages, costs),
    }
    plan = root / "book" / "teaching" / "syllabus.toml"
    if plan.is_file():
        made["syllabus"] = syllabus_text(courses(plan), pages)
    for name, text in made.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def exercises_text(
    pages: Mapping[str, Any], known: Mapping[str, Lesson], slides: Collection[str] = ()
) -> str:
    """Every exercise of some pages with its purpose, a table for each page."""
    parts = []
    for name, page in pages.items():
        rows = [_exercise_row(one, known[name]) for one in exercises(page)]
        head = ("exercise", "level", "minutes", "checked", "what it is for", "stuck at")
        shown = f' (<a href="slides/{name}.html">slides</a>)' if name in slides else ""
        parts += [f"**{_link(name, page)}**{shown}", "", *_table(head, rows), ""]
    return "\n".join(parts)


def _exercise_row(one: Exercise, lesson: Lesson) -> list[str]:
    why = lesson.exercises[one.label]
    checked = "yes" if one.checked else "talked about"
    minutes_ = str(MINUTES_BY_LEVEL[one.level])
    label = f"`{one.label}`"
    return [label, str(one.level), minutes_, checked, why.purpose, why.difficulty]


def costs_text(pages: Mapping[str, Any], costs: Mapping[str, _Cost]) -> str:
    """Minutes of the reader and seconds of the machine, page by page."""
    rows = []
    for name, page in pages.items():
        takes, ran = minutes(page), costs.get(name)
        machine = (
            [f"{ran['seconds']:.0f}", f"{ran['peak_mb']:,.0f}"] if ran else ["–", "–"]
        )
        rows.append(
            [_link(name, page), str(takes.reading), str(takes.solving), *machine]
        )
    head = ("page", "minutes to read", "for exercises", "seconds to run", "memory, MB")
    return "\n".join([*_table(head, rows), ""])


def syllabus_text(found: list[Course], pages: Mapping[str, Any]) -> str:
    """Courses with the minutes of each unit by the rule of `minutes`."""
    parts = []
    for course in found:
        rows = [_unit_row(unit, pages) for unit in course.units]
        total = sum(unit_minutes(unit, pages) for unit in course.units)
        head = ("unit", "pages", "exercises of level", "minutes", "plan")
        parts += [f"## {course.title}", "", course.about, "", *_table(head, rows), ""]
        parts += [f"Together {total / 60:.1f} hours.", ""]
    return "\n".join(parts)


def _unit_row(unit: Unit, pages: Mapping[str, Any]) -> list[str]:
    links = "; ".join(_link(name, pages[name]) for name in unit.pages)
    levels = ", ".join(map(str, unit.levels)) or "none"
    return [unit.title, links, levels, str(unit_minutes(unit, pages)), unit.plan]


def unit_minutes(unit: Unit, pages: Mapping[str, Any]) -> int:
    """Minutes to read the pages of a unit and to do its exercises.

    Raises ReportError for a page that is not there.
    """
    if missing := [name for name in unit.pages if name not in pages]:
        raise ReportError(
            f"a unit is made of pages of the book, but {unit.title!r} names "
            f"{', '.join(missing)}: name those of notebooks/"
        )
    takes: list[Minutes] = [minutes(pages[name]) for name in unit.pages]
    asked = [one for name in unit.pages for one in exercises(pages[name])]
    chosen = [MINUTES_BY_LEVEL[one.level] for one in asked if one.level in unit.levels]
    return sum(one.reading for one in takes) + sum(chosen)


def _link(name: str, page: Any) -> str:
    return f"[{title(page)}](notebooks/{name}.ipynb)"


def _table(head: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    """A Markdown table; a bar within a cell is kept from ending it."""
    lines = [list(head), ["---"] * len(head), *rows]
    return [
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |"
        for line in lines
    ]
