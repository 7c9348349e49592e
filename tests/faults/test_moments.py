"""Kills fall inside a run: a moment after its end is drawn again. Tried on runs that
cost nothing.
"""

import os
import random
import time

import pytest
from filelock import FileLock

from faults.children import forked
from faults.kills import still_locked
from faults.moments import MOST, Span, kill_inside, killed_after, timed

LASTS = 0.1


def nap() -> None:
    time.sleep(LASTS)


def test_a_kill_that_came_too_late_is_drawn_again_from_the_length_measured():
    span = Span(1000 * LASTS, random.Random(1))
    kill_inside(lambda moment: killed_after(nap, moment), span)
    assert 1 <= span.redrawn < MOST
    assert LASTS <= span.size < 100 * LASTS


def test_the_runs_that_came_to_their_end_are_those_that_were_drawn_again(tmp_path):
    span, ends = Span(3 * LASTS, random.Random(2)), tmp_path / "ends"
    ends.touch()

    def run() -> None:
        nap()
        with ends.open("a") as file:
            file.write("x")

    for _ in range(5):
        kill_inside(lambda moment: killed_after(run, moment), span)
    assert len(ends.read_text()) == span.redrawn > 0


def test_operations_are_counted_anew_too():
    def operations(moment: float) -> int:
        if moment < 7:
            os.kill(os.getpid(), 9)
        return 7

    span = Span(1000, random.Random(3))
    kill_inside(lambda moment: forked(lambda: operations(moment)), span)
    assert (span.size, span.redrawn) == (7, 1)


def test_a_run_that_fails_by_itself_is_no_kill():
    def fails() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError, match="gave code 1"):
        kill_inside(lambda moment: forked(fails), Span(1, random.Random(4)))


def test_a_run_in_which_no_kill_comes_is_said():
    span = Span(1, random.Random(5))
    with pytest.raises(RuntimeError, match="give the run more to do"):
        kill_inside(lambda moment: forked(lambda: 1), span)
    assert span.redrawn == MOST


def test_a_run_that_never_ends_is_ended():
    child = forked(lambda: time.sleep(60))
    assert timed(lambda: child.result(patience=0.05)) < 30
    assert forked(lambda: 3).result(patience=30) == (0, 3)


def test_a_lock_that_somebody_holds_is_seen(tmp_path):
    place = tmp_path / "saes" / ".locks" / "one.lock"
    place.parent.mkdir(parents=True)
    with FileLock(place):
        assert forked(lambda: still_locked(tmp_path)).result() == (0, ["one.lock"])
    assert still_locked(tmp_path) == []
