"""Checks of answers: right, which mistake, how far off, and against which run."""

import json

import pytest
import torch

from saecore.report import results
from saecore.report.rendering import RESULT
from saecore.teaching import check as checks
from saecore.teaching.answers import SolvedExercise

PLAIN = SolvedExercise(
    0.4, None, None, 0.02, 0.0, {"the null": 0.1, "the mean of all": 0.405}
)
RANGED = SolvedExercise(0.4, 0.3, 0.5, 0.01, 0.0, {"chance": 0.35})


@pytest.mark.parametrize("number", [0.4, 0.396, 0.402])
def test_an_answer_within_the_tolerance_is_right(number):
    assert checks.judged_answer(number, PLAIN) == (True, "Right.")


@pytest.mark.parametrize("number", [0.1, 0.1019])
def test_a_planned_mistake_is_named(number):
    right, said = checks.judged_answer(number, PLAIN)
    assert not right
    assert said.endswith("is the null.")


def test_near_the_right_answer_and_a_mistake_the_nearest_is_meant():
    assert checks.judged_answer(0.402, PLAIN).right
    assert checks.judged_answer(0.404, PLAIN).message.endswith("the mean of all.")


@pytest.mark.parametrize(
    ("number", "slip"),
    [
        (40, "per cent"),
        (0.004, "as a share"),
        (-0.4, "wrong sign"),
        (0.6, "all the others"),
        (2.5, "upside down"),
    ],
)
def test_slips_of_the_pen_are_named(number, slip):
    right, said = checks.judged_answer(number, PLAIN)
    assert not right
    assert slip in said


def test_any_other_number_is_off():
    assert checks.judged_answer(0.7, PLAIN) == (False, "Not yet: 0.7 is off.")
    assert not checks.judged_answer(float("nan"), PLAIN).right


def test_an_answer_with_an_interval_is_told_how_far_off_it_is():
    right, said = checks.judged_answer(0.7, RANGED)
    assert not right
    assert "3.0 half-widths of the interval above" in said
    right, said = checks.judged_answer(0.45, RANGED)
    assert right
    assert "0.5 half-widths" in said
    assert "is chance" in checks.judged_answer(0.35, RANGED).message


@pytest.fixture
def books_run(monkeypatch):
    """A book with one exercise, and no solution run in this process."""
    monkeypatch.setattr(checks, "stored_answers", lambda: {"ex-one": PLAIN})
    monkeypatch.setattr(checks, "SOLVED", {})


def test_dots_are_no_answer_yet(books_run):
    check = checks.checker("tiny", 0)
    assert not check("ex-one", ...).right
    assert "No answer yet" in str(check("ex-one", None))


def test_an_answer_may_be_a_tensor_and_must_be_a_number(books_run):
    check = checks.checker("tiny", 0)
    assert check("ex-one", torch.tensor(0.4)).right
    with pytest.raises(TypeError, match="one number, got 'much'"):
        check("ex-one", "much")


def test_the_books_run_is_compared_with_the_books_answers(books_run):
    said = checks.checker("tiny", 0)("ex-one", 0.4)
    assert said == (True, "Right. (compared with the book's run.)")
    with pytest.raises(KeyError, match="one of ex-one"):
        checks.checker("tiny", 0)("ex-two", 0.4)


def test_another_run_is_compared_with_its_own_solution_or_not_at_all(
    books_run, tmp_path
):
    check = checks.checker("tiny", 7, pages=tmp_path)
    unknown = check("ex-one", 0.4)
    assert unknown.right is None
    assert "Cannot tell: there is no solution's value" in unknown.message
    twin = {"name": "ex-one", "value": 0.9, "low": None, "high": None}
    twin |= {"rtol": 0.01, "atol": 0.0, "mistakes": []}
    output = {"output_type": "display_data", "data": {RESULT: twin}}
    made_with = {"saecore": {"parameters": {"world_seed": 7}}}
    page = {"cells": [{"outputs": [output]}], "metadata": made_with}
    (tmp_path / "a.ipynb").write_text(json.dumps(page))
    assert not check("ex-one", 0.4).right
    said = check("ex-one", 0.9)
    assert said.right
    assert "world seed 7" in said.message


def test_a_solution_that_was_run_here_counts_most(monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: None)
    monkeypatch.setitem(results.SOLVED, "ex-here", {})
    results.record("ex-here", 3.0, rtol=0.01, mistakes={"half": 1.5})
    check = checks.checker("/some/model", 3)
    assert check("ex-here", 3.0).message.startswith("Right.")
    assert "is half" in check("ex-here", 1.5).message


def test_a_notebook_shows_a_sign_before_the_message():
    assert checks.CheckedAnswer(True, "Right.")._repr_markdown_() == "✔ Right."
    assert (
        checks.CheckedAnswer(None, "Cannot tell.")._repr_markdown_() == "? Cannot tell."
    )
