"""Notebooks for students have no answers, those for teachers have notes."""

from nbformat import v4

from saecore.teaching.versions import instructor, student, without_solutions

ASKED = "Look.\n\n```{exercise} Level 1\n:label: %s\nGuess.\n```\n"
SOLUTION_START = "```{solution-start} %s\n:class: dropdown\n```\n"
SOLUTION_END = "```{solution-end}\n```\n"


def page():
    """A page with a card, an exercise in cells, one in prose and a prediction."""
    prose, code, solution = (
        v4.new_markdown_cell,
        v4.new_code_cell,
        {"tags": ["solution"]},
    )
    inline = "```{solution} ex-words\n:class: dropdown\nIn words.\n```\n\nAfter.\n\n"
    cells = [
        prose("# Title"),
        code("profile = 'tiny'", metadata={"tags": ["parameters"]}),
        code("conclude()"),
        prose(ASKED % "ex-page-predict" + SOLUTION_START % "ex-page-predict"),
        code("record('ex', 1)", metadata=solution),
        code('record("ex-page-predict", 1, mistakes={})', metadata=solution),
        prose("That is why.\n" + SOLUTION_END + ASKED % "ex-words" + inline),
    ]
    return v4.new_notebook(cells=cells)


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_a_student_predicts_before_anything_is_run_and_sees_no_solution():
    made = sources(student(page()))
    assert made[:2] == ["# Title", "profile = 'tiny'"]
    assert "check = checker(profile, world_seed)" in made[2]
    assert "Guess." in made[3]
    assert made[4] == "answer = ...\ncheck('ex-page-predict', answer)"
    assert made.index("conclude()") > 4
    text = "\n".join(made)
    assert "record(" not in text
    assert "That is why." not in text
    assert "In words." not in text
    assert "solution" not in text
    assert "After." in text


def test_an_exercise_without_a_number_leaves_an_empty_cell():
    assert "# your work" in sources(student(page()))


def test_the_page_itself_is_not_touched():
    one = page()
    before = sources(one)
    student(one)
    instructor(one, {})
    assert sources(one) == before


def test_ids_are_the_same_each_time():
    ids = [[cell.id for cell in student(page()).cells] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0])


def test_a_teacher_reads_a_note_after_the_exercise_and_has_the_solution():
    made = instructor(page(), {"ex-words": "Two minutes."})
    text = "\n".join(sources(made))
    assert text.count("> **For the teacher.** Two minutes.") == 1
    assert text.index("For the teacher") > text.index(":label: ex-words")
    assert "record('ex', 1)" in text


def test_solutions_are_cut_over_cells_and_within_one():
    left = "\n".join(cell.source for cell in without_solutions(page().cells))
    assert "record" not in left
    assert "Guess." in left
    assert left.count("After.") == 1
