"""A process that makes artefacts for another one (`saecore.zoo.pool`), which tells it
what on its input, a line of JSON at a time, and hears of it on its output.

It asks its own zoo of the same root, so its locks, checks and results are the same as
without it. When its input ends, the parent is done or gone, and it ends at once, in the
middle of a training if need be: what was not finished was not written.
"""

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from saecore.errors import ZooError
from saecore.recipes.keys import restored
from saecore.training.memory import give_back_memory
from saecore.zoo.store import Zoo

REPORT = 0.2
"""Seconds between two reports of progress."""


def main(described: str) -> None:
    """Make what comes in, until nothing more does."""
    jobs, out = lines(sys.stdin), sys.stdout
    sys.stdout = sys.stderr
    zoo = opened_zoo(described)

    def report(answer: dict[str, Any]) -> None:
        out.write(json.dumps(answer) + "\n")
        out.flush()

    for line in jobs:
        done = answer(zoo, line, report)
        give_back_memory()
        if not done:
            sys.stderr.flush()
            os._exit(1)  # the thread still reads, so Python cannot end by itself


def opened_zoo(described: str) -> Zoo:
    """The zoo that `pool.described` describes, without processes of its own."""
    known = json.loads(described)
    places = {restored(what): at for what, at in known["places"]}
    return Zoo(known["root"], workers=1, places=places)


def lines(stream: Iterable[str], end: Callable[[int], Any] = os._exit) -> Iterator[str]:
    """The lines of a stream; a thread reads them, and calls `end` when there are no
    more, whatever this process is doing by then.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()

    def watch() -> None:
        for line in stream:
            waiting.put(line)
        end(0)

    threading.Thread(target=watch, daemon=True).start()
    while True:
        yield waiting.get()


def answer(zoo: Zoo, line: str, report: Callable[[dict[str, Any]], None]) -> bool:
    """Do one job and report on it; False if it failed."""
    job = [restored(one) for one in json.loads(line)]
    counted = Counted(report)
    try:
        refused = zoo.do(job, counted.advance)
    except (ZooError, OSError, ValueError, RuntimeError) as error:
        report({"failed": str(error)})
        return False
    counted.flush()
    report({"refused": [[job.index(one), why] for one, why in refused.items()]})
    return True


class Counted:
    """Rows done, reported a few times a second."""

    def __init__(self, report: Callable[[dict[str, Any]], None]) -> None:
        self.report, self.rows, self.last = report, 0, time.monotonic()

    def advance(self, rows: int) -> None:
        """So many more are done."""
        self.rows += rows
        if time.monotonic() - self.last > REPORT:
            self.flush()

    def flush(self) -> None:
        """Say what was not said yet."""
        self.report({"rows": self.rows})
        self.rows, self.last = 0, time.monotonic()
