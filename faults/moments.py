"""Random moments inside a run, at which it is killed. A moment that came after the end
of its run is drawn again, from the length that this run really had.
"""

import random
import signal
import time
from collections.abc import Callable
from typing import Any

from faults.children import Child, forked

MOST = 20
"""Runs that may end before their moment, in a row."""


class Span:
    """How long a run is, in seconds or in operations, as the last whole one was."""

    def __init__(self, size: float, draw: random.Random) -> None:
        self.size, self.redrawn, self._draw = size, 0, draw

    def moment(self) -> float:
        """A random one from 0 to the run's end."""
        return self._draw.uniform(0, self.size)

    def too_late(self, size: float) -> None:
        """A run ended before its moment, and had this length."""
        self.size, self.redrawn = size, self.redrawn + 1


def kill_inside(begin: Callable[[float], Child], span: Span) -> None:
    """Begin cold runs until one was killed inside; each is given a moment, and returns
    its length if it comes to its end.

    Raises RuntimeError for a run that fails by itself, and when no kill comes in time.
    """
    for _ in range(MOST):
        code, size = begin(span.moment()).result()
        if code == -signal.SIGKILL:
            return
        if code:
            raise RuntimeError(
                f"a run must end well or by the kill, but one gave code {code}: see "
                "what it says when nobody kills it"
            )
        span.too_late(size)
    raise RuntimeError(
        f"a kill must come inside the run, but {MOST} runs ended before theirs: give "
        "the run more to do"
    )


def killed_after(work: Callable[[], Any], seconds: float) -> Child:
    """A fork that is killed after so many seconds; if it ends before, it returns how
    many it took.
    """
    child = forked(lambda: timed(work))
    if not child.ends_within(seconds):
        child.kill()
    return child


def timed(work: Callable[[], Any]) -> float:
    """Seconds that some work takes."""
    started = time.monotonic()
    work()
    return time.monotonic() - started
