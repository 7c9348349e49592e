"""The short form of kills and races; each in forks of this process."""

import pytest

from faults import kills, races
from saecore.book.tested import failures


def test_a_killed_run_goes_on_and_gives_what_an_undisturbed_one_gives(tmp_path):
    found = kills.run(tmp_path, trials=3, seed=2)
    assert failures("kills", found) == []


@pytest.mark.slow
def test_fifty_killed_runs_go_on(tmp_path):
    found = kills.run(tmp_path, trials=50, seed=1)
    assert failures("kills", found) == []
    assert found["killed"] == 50
    assert found["in_the_middle"] > 25
    assert found["left_a_part"] > 0


def test_processes_that_ask_for_the_same_make_it_once(tmp_path):
    assert failures("races", races.run(tmp_path, processes=3)) == []


@pytest.mark.slow
def test_eight_processes_that_ask_for_the_same_make_it_once(tmp_path):
    assert failures("races", races.run(tmp_path)) == []
