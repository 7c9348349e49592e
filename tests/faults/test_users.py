"""Users who share a zoo, where the tests may become them."""

import os

import pytest

from faults import environment, users
from faults.grid import small_grid

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes others")


@ROOT_ONLY
@pytest.mark.parametrize(
    "trial", ["two users of one group at once", "a zoo of another user's"]
)
def test_users_who_may_read_each_other_share_one_training(tmp_path, trial):
    came = environment.TRIALS[trial](tmp_path, small_grid(tmp_path))
    assert came == environment.RIGHT


@ROOT_ONLY
def test_who_may_not_read_is_told_so_in_a_sentence(tmp_path):
    trial = environment.TRIALS["a zoo of another user's alone"]
    came = trial(tmp_path, small_grid(tmp_path))
    assert came.startswith(environment.SENTENCE)
    assert "Permission denied" in came


def test_without_rights_the_trials_are_not_run(tmp_path, monkeypatch):
    monkeypatch.setattr(users.os, "geteuid", lambda: 1000)
    with pytest.raises(environment.Unavailable, match="rights"):
        environment.two_users_at_once(tmp_path, small_grid(tmp_path))
