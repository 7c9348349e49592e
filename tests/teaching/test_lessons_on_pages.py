"""The lessons of the book beside its pages: every exercise has a purpose, every usual
mistake its message, students see no answers.
"""

import ast
from pathlib import Path

import pytest

from saecore.book import notebooks, portable
from saecore.report import Claim
from saecore.teaching import answers, pieces
from saecore.teaching import check as checks
from saecore.teaching.check import checker, judged_answer
from saecore.teaching.copies import INSTRUCTORS, STUDENTS
from saecore.teaching.exercises import exercises, recorded_names
from saecore.teaching.lessons import lessons

ROOT = Path(__file__).parents[2]
LESSONS = lessons(ROOT / "book" / "teaching")
SOURCES = pieces.source_pages(ROOT)
ANSWERS = answers.stored_answers()
CLAIMED = {Path(Claim.read(name).notebook).stem for name in Claim.names()}


def test_every_page_of_a_claim_has_a_lesson():
    assert set(LESSONS) == CLAIMED


@pytest.mark.parametrize("name", LESSONS)
def test_exercises_rise_from_a_prediction_and_each_has_a_purpose(name):
    asked = exercises(SOURCES[name])
    assert len(asked) >= 4
    assert [one.level for one in asked] == sorted(one.level for one in asked)
    assert {one.level for one in asked} == {1, 2, 3, 4}
    assert [one.predicts for one in asked].count(True) == 1
    assert asked[0].predicts
    assert set(LESSONS[name].exercises) == {one.label for one in asked}
    assert all(one.hint for one in asked if one.checked)


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_takes_its_pieces_and_slides_name_its_figures(name):
    text = "\n".join(c.source for c in SOURCES[name].cells)
    for piece in ("box", "questions"):
        assert text.count(pieces.include(name, piece)) == 1
    assert all(f'"{figure}"' in text for figure in LESSONS[name].slides)
    assert set(LESSONS[name].before) <= set(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_a_page_runs_without_its_solutions(name):
    """No cell outside of solutions uses a name that only a solution makes."""
    made, used = set(), set()
    for cell in SOURCES[name].cells:
        if cell.cell_type != "code":
            continue
        solution = "solution" in cell.metadata.get("tags", [])
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Name) and not solution:
                used.add(node.id)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                made.add((node.id, solution))
            if isinstance(node, ast.alias):
                made.add((node.asname or node.name, solution))
    only = {one for one, solution in made if solution} - {o for o, s in made if not s}
    assert only & used == set()


def test_every_checked_exercise_has_a_stored_answer_and_no_other():
    wanted = {
        one.label for page in SOURCES.values() for one in exercises(page) if one.checked
    }
    assert set(ANSWERS) == wanted


@pytest.mark.parametrize("label", ANSWERS)
def test_a_solution_passes_and_each_planned_mistake_gets_its_message(
    label, monkeypatch
):
    monkeypatch.setattr(checks, "SOLVED", {})
    answer, check = ANSWERS[label], checker("tiny", 0)
    assert check(label, answer.value).right
    assert len(answer.mistakes) >= 2
    for what, number in answer.mistakes.items():
        assert abs(number - answer.value) > answer.allowed, what
        said = check(label, number)
        assert not said.right
        assert f"is {what}." in said.message


@pytest.mark.parametrize("label", ANSWERS)
def test_an_answer_beside_the_tolerance_is_not_right(label):
    answer = ANSWERS[label]
    top = answer.value if answer.high is None else answer.high
    beside = top + 1.5 * answer.allowed
    assert not judged_answer(beside, answer).right


def checked_cells(path: Path) -> list[str]:
    page = notebooks.read(path)
    return [c.source for c in page.cells if "check('ex-" in c.source]


@pytest.mark.parametrize("name", LESSONS)
def test_an_untouched_students_notebook_fails_every_check(name, monkeypatch):
    monkeypatch.setattr(checks, "SOLVED", {})
    cells = checked_cells(ROOT / "book" / "portable" / STUDENTS / f"{name}.ipynb")
    asked = [one.label for one in exercises(SOURCES[name]) if one.checked]
    assert len(cells) == len(asked)
    for label, cell in zip(asked, cells, strict=True):
        said = []
        check = checker("tiny", 0)
        exec(cell, {"check": lambda *one, c=check, s=said: s.append(c(*one))})
        assert not said[0].right, label
        assert f"'{label}'" in cell


@pytest.mark.parametrize("name", LESSONS)
def test_a_students_notebook_has_no_solution_and_its_teachers_has_all(name):
    folder = ROOT / "book" / "portable"
    students, teachers = (
        notebooks.read(folder / kind / f"{name}.ipynb").cells
        for kind in (STUDENTS, INSTRUCTORS)
    )
    assert recorded_names(students) == set()
    assert recorded_names(teachers) == recorded_names(SOURCES[name].cells)
    first = next(i for i, c in enumerate(students) if "-predict'" in c.source)
    runs = [i for i, c in enumerate(students) if "conclude(" in c.source]
    assert first < min(runs)
    assert any("For the teacher" in c.source for c in teachers)
    assert not any("For the teacher" in c.source for c in students)


def test_committed_copies_and_answers_are_those_of_the_committed_pages(tmp_path):
    here = tmp_path / "copy"
    here.mkdir()
    for place in ("_config.yml", "notebooks"):
        (here / place).symlink_to(ROOT / place)
    (here / "book").mkdir()
    for place in ("references.bib", "notebooks"):
        (here / "book" / place).symlink_to(ROOT / "book" / place)
    (here / "book" / "teaching").mkdir()
    for file in (ROOT / "book" / "teaching").glob("*.toml"):
        (here / "book" / "teaching" / file.name).symlink_to(file)
    made = [*portable.write_all(here), *answers.write_answers(here)]
    for path in made:
        committed = ROOT / path.relative_to(here)
        assert path.read_bytes() == committed.read_bytes(), committed.name
