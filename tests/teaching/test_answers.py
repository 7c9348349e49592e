"""Answers: from executed pages, and only from those of the run that is asked for."""

import json
import tomllib
from pathlib import Path

import pytest

from saecore.report.paths import ReportError
from saecore.report.rendering import RESULT
from saecore.teaching import answers

TWIN = {"name": "ex-one", "value": 0.5, "low": None, "high": None, "rtol": 0.02}
TWIN |= {"atol": 0.0, "unit": "", "paper": None, "mistakes": [["twice", 1.0]]}


def page(*twins, **parameters):
    """An executed page that shows some results."""
    outputs = [{"output_type": "display_data", "data": {RESULT: t}} for t in twins]
    cell = {"cell_type": "code", "source": "", "outputs": outputs, "metadata": {}}
    return {"cells": [cell], "metadata": {"saecore": {"parameters": parameters}}}


def test_an_answer_has_the_value_its_tolerance_and_the_mistakes():
    found = answers.answer_of(TWIN)
    assert found == answers.SolvedExercise(0.5, None, None, 0.02, 0.0, {"twice": 1.0})
    assert found.allowed == 0.01
    assert found._replace(atol=0.3).allowed == 0.3


def test_a_number_without_mistakes_is_no_solution():
    plain = {k: v for k, v in TWIN.items() if k != "mistakes"} | {"name": "shared"}
    assert list(answers.solved_on(page(TWIN, plain))) == ["ex-one"]


def test_two_exercises_of_one_label_are_refused():
    with pytest.raises(ReportError, match="'ex-one'"):
        answers.answers_text({"a": page(TWIN), "b": page(TWIN)})


def test_answers_are_written_once_and_read_back(tmp_path, monkeypatch):
    (tmp_path / "book" / "teaching").mkdir(parents=True)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.ipynb").write_text(json.dumps(page(TWIN)))
    target = tmp_path / "book" / "teaching" / "answers.json"
    assert answers.write_answers(tmp_path, tmp_path / "pages") == [target]
    assert answers.write_answers(tmp_path, tmp_path / "pages") == []
    monkeypatch.setattr(answers, "answers_file", lambda: target)
    assert answers.stored_answers() == {"ex-one": answers.answer_of(TWIN)}


def test_no_file_means_no_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(answers, "answers_file", lambda: tmp_path / "none.json")
    assert answers.stored_answers() == {}


def test_answers_of_a_run_are_those_of_its_profile_and_seed(tmp_path):
    other = TWIN | {"value": 0.25}
    (tmp_path / "a.ipynb").write_text(json.dumps(page(TWIN)))
    (tmp_path / "b.ipynb").write_text(json.dumps(page(other, world_seed=7)))
    assert answers.answers_of_run(tmp_path, "tiny", 0) == {"ex-one": TWIN}
    assert answers.answers_of_run(tmp_path, "tiny", 7) == {"ex-one": other}
    assert answers.answers_of_run(tmp_path, "/a/model", 7) == {}


def test_an_installed_package_carries_the_answers():
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    wheel = tomllib.loads(text)["tool"]["hatch"]["build"]["targets"]["wheel"]
    place = wheel["force-include"]["book/teaching/answers.json"]
    assert place == "saecore/teaching/answers.json"
