"""What teachers read is computed from the pages."""

import pytest
from nbformat import v4

from saecore.report.paths import ReportError
from saecore.teaching import handbook
from saecore.teaching.handbook import Unit
from saecore.teaching.lessons import Lesson, Purpose

PROSE = "# One\n\n```{exercise} Level %d\n:label: ex-%d\nHow?\n```\n"
PAGES = {
    "one": v4.new_notebook(cells=[v4.new_markdown_cell(PROSE % (n, n)) for n in (1, 3)])
}
WHY = {f"ex-{n}": Purpose("To a|b.", "There.") for n in (1, 3)}
LESSON = Lesson("one", [], [], [], WHY, [], [], [])


def test_each_exercise_has_a_row_with_its_purpose():
    text = handbook.exercises_text(PAGES, {"one": LESSON})
    assert "| `ex-1` | 1 | 2 | talked about | To a\\|b. | There. |" in text
    assert "**[One](notebooks/one.ipynb)**" in text


def test_costs_are_those_of_the_run_and_a_gap_where_there_is_none():
    ran = {"one": {"seconds": 61.6, "peak_mb": 1234.5}}
    assert "| 12 | 62 | 1,234 |" in handbook.costs_text(PAGES, ran)
    assert "| – | – |" in handbook.costs_text(PAGES, {})


def test_a_unit_takes_its_reading_and_the_exercises_of_its_levels():
    assert handbook.unit_minutes(Unit("a", ["one"], [1], ""), PAGES) == 1 + 2
    assert handbook.unit_minutes(Unit("a", ["one"], [1, 3], ""), PAGES) == 1 + 12
    with pytest.raises(ReportError, match="'a' names two"):
        handbook.unit_minutes(Unit("a", ["two"], [], ""), PAGES)


def test_a_course_sums_its_units(tmp_path):
    file = tmp_path / "syllabus.toml"
    file.write_text(
        '[[course]]\ntitle = "Day"\nabout = "Short."\n[[course.unit]]\n'
        'title = "Noon"\npages = ["one"]\nlevels = [3]\nplan = "Talk."\n'
    )
    text = handbook.syllabus_text(handbook.courses(file), PAGES)
    assert "| Noon | [One](notebooks/one.ipynb) | 3 | 11 | Talk. |" in text
    assert "Together 0.2 hours." in text
    file.write_text('[[course]]\ntitle = "Day"\n')
    with pytest.raises(ReportError, match="'about' is wrong"):
        handbook.courses(file)
