"""Stored figures are read with their machine and date."""

import json

import pytest

from saecore.report.paths import ReportError
from saecore.report.speed.goals import read_goals
from saecore.report.speed.stored import read_speed

MACHINE = {"processor": "a chip", "cores": 2, "threads": 1, "memory_gb": 8.0}


@pytest.fixture
def folder(tmp_path):
    for name, date in (("training", "2026-01-01"), ("memory", "2026-01-01")):
        rows = [{"candidate": who, "ms": 1.0} for who in ("ours", "SAELens")]
        found = {"numbers": {"a": 2.0}, "rows": rows, "not_run": {"sparsify": "why"}}
        made = {"date": date, "machine": MACHINE, "packages": {"torch": "2"}}
        (tmp_path / f"{name}.json").write_text(json.dumps(found | made))
    return tmp_path


def test_numbers_are_named_by_their_file_and_rows_found_by_their_columns(folder):
    speed = read_speed(folder)
    assert speed.numbers == {"memory/a": 2.0, "training/a": 2.0}
    assert speed.of("training", candidate="ours") == [{"candidate": "ours", "ms": 1.0}]
    assert speed.of("density") == []


def test_files_of_one_machine_and_date_share_a_line(folder):
    (line,) = read_speed(folder).where()
    assert (line["date"], line["processor"], line["torch"]) == (
        *("2026-01-01", "a chip"),
        "2",
    )
    assert line["benchmarks"] == "memory, training"


def test_what_was_not_run_says_why(folder):
    reasons = {row["what"]: row["why"] for row in read_speed(folder).left_out()}
    assert reasons["GPU"] == "not measured"
    assert reasons["training/sparsify"] == "why"


def test_without_figures_the_command_that_makes_them_is_named(tmp_path):
    with pytest.raises(ReportError, match="run `make bench`"):
        read_speed(tmp_path)


def test_the_stored_figures_have_every_number_that_has_a_goal():
    numbers = read_speed().numbers
    assert [one.number for one in read_goals() if one.number not in numbers] == []
