"""The short form: machines that need no rights and no fresh Python; and what counts as
right.
"""

import pytest

from faults import environment
from faults.environment import is_right, outcome
from faults.grid import small_grid


@pytest.mark.parametrize("trial", ["odd names of folders", "files of 1970 and 2100"])
def test_odd_names_and_times_give_the_same_artefacts(tmp_path, trial):
    came = environment.TRIALS[trial](tmp_path, small_grid(tmp_path))
    assert came == environment.RIGHT


@pytest.mark.slow
def test_every_unkind_machine_gives_a_right_result_or_a_sentence(tmp_path):
    assert environment.run(tmp_path)["wrong"] == []


def test_a_crash_and_noise_are_not_right(tmp_path):
    def crash() -> None:
        raise RuntimeError("crash")

    came = outcome(small_grid(tmp_path), tmp_path / "zoo", crash)
    assert not is_right(came)
    assert not is_right("noise: warning")
    assert is_right("one sentence: no room")


def test_a_sentence_of_the_zoo_is_told_without_the_folder(tmp_path):
    (tmp_path / "zoo").write_text("in the way")
    came = outcome(small_grid(tmp_path), tmp_path / "zoo")
    assert came.startswith("one sentence: ")
    assert str(tmp_path) not in came
