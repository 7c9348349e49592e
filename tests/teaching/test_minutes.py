"""Minutes follow from words, cells and exercises."""

from nbformat import v4

from saecore.teaching.minutes import MINUTES_BY_LEVEL, minutes

EXERCISE = "```{exercise} Level 3\n:label: ex-one\nHow many of these?\n```\n"
SOLUTION = "```{solution-start} ex-one\n```\n"


def page(prose="", code=(), after=()):
    """A notebook with prose, then cells of code with their tags, then more cells."""
    cells = [v4.new_markdown_cell(prose)]
    cells += [v4.new_code_cell(s, metadata={"tags": list(t)}) for s, t in code]
    return v4.new_notebook(cells=[*cells, *after])


def test_two_hundred_words_are_a_minute_and_minutes_are_rounded_up():
    assert minutes(page("word " * 200)).reading == 1
    assert minutes(page("word " * 201)).reading == 2
    assert minutes(page("word " * 200)).words == 200


def test_numbers_and_directives_are_no_words():
    assert minutes(page("1 2 3 = word\n\n```{include} some file\n```\n")).words == 1


def test_cells_count_if_they_are_open_or_show_something():
    hidden = ["hide-input"]
    cells = [("x = 1", []), ("x = 1", hidden), ("figure('a')", hidden)]
    assert minutes(page("", [*cells, ("table('a')", ["hide-cell"])])).cells == 2


def test_exercises_take_minutes_by_level_and_solutions_none():
    end = v4.new_markdown_cell("```{solution-end}\n```\n")
    code = v4.new_code_cell("x = 1", metadata={"tags": ["solution"]})
    words = v4.new_markdown_cell("many words of a solution")
    made = minutes(page(EXERCISE + SOLUTION, after=[code, words, end]))
    assert (made.exercises, made.solving) == (1, MINUTES_BY_LEVEL[3])
    assert (made.words, made.cells, made.reading) == (0, 0, 0)
