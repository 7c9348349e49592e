"""Training in several processes, one thread each: `python -m saecore.zoo.workers <root>` reads jobs from
its input.

Jobs and answers are lines of JSON. A worker asks the zoo of the same root for its recipes, so its locks,
checks and results are the same as without workers; when the parent is gone, its input ends and so does it.
"""

import json
import os
import queue
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from saecore.zoo.artefact import ZooError
from saecore.zoo.recipe import canonical, restored

REPORT = 0.2  # seconds between two reports of progress


def in_processes(
    root: Path, groups: Sequence[Sequence[Any]], workers: int, advance: Callable[[int], None]
) -> list[str]:
    """Train the groups in `workers` processes; the sentences about SAEs that were refused.

    Raises ZooError if a worker fails; the others' finished SAEs are kept, and a later call goes on from
    there.
    """
    jobs: queue.SimpleQueue[Sequence[Any]] = queue.SimpleQueue()
    for group in groups:
        jobs.put(group)
    processes = [_start(root) for _ in range(workers)]
    pool = ThreadPoolExecutor(workers)
    try:
        pending = [pool.submit(_serve, process, jobs, advance) for process in processes]
        return [sentence for one in pending for sentence in one.result()]
    finally:
        for process in processes:
            process.kill()
            process.wait()
        pool.shutdown()


def _start(root: Path) -> "subprocess.Popen[str]":
    package = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONPATH": paths}
    command = [sys.executable, "-m", "saecore.zoo.workers", str(root.resolve())]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes)


def _serve(
    process: "subprocess.Popen[str]",
    jobs: "queue.SimpleQueue[Sequence[Any]]",
    advance: Callable[[int], None],
) -> list[str]:
    """Give one process jobs until there are none left."""
    refused: list[str] = []
    while True:
        try:
            group = jobs.get_nowait()
        except queue.Empty:
            return refused
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps([canonical(one) for one in group]) + "\n")
            process.stdin.flush()
            refused += _answer(process, advance)
        except BrokenPipeError:
            raise _ended(process) from None


def _answer(process: "subprocess.Popen[str]", advance: Callable[[int], None]) -> list[str]:
    """Read a worker's lines until its job is done."""
    assert process.stdout is not None
    for line in process.stdout:
        answer = json.loads(line)
        if "rows" in answer:
            advance(answer["rows"])
        elif "failed" in answer:
            raise ZooError(answer["failed"])
        else:
            return answer["refused"]
    raise _ended(process)


def _ended(process: "subprocess.Popen[str]") -> ZooError:
    return ZooError(
        "a process that trains must live until its SAEs are done, but one ended with code "
        f"{process.wait()} (its own "
        "message is above; a negative code means it was killed, often for want of memory): ask again "
        "to go on with the rest"
    )


def work(root: str) -> None:
    """Train what comes in, a line at a time."""
    from saecore.zoo.store import Zoo

    out, sys.stdout = sys.stdout, sys.stderr
    zoo = Zoo(root, workers=1)

    def report(answer: dict[str, Any]) -> None:
        out.write(json.dumps(answer) + "\n")
        out.flush()

    for line in sys.stdin:
        group = [restored(one) for one in json.loads(line)]
        counted = _Counted(report)
        try:
            refused = zoo.train_group(group, counted.advance)
        except (ZooError, OSError, ValueError, RuntimeError) as error:
            report({"failed": str(error)})
            return
        counted.flush()
        report({"refused": refused})


class _Counted:
    """Rows done, reported a few times a second."""

    def __init__(self, report: Callable[[dict[str, Any]], None]) -> None:
        self.report, self.rows, self.last = report, 0, time.monotonic()

    def advance(self, rows: int) -> None:
        self.rows += rows
        if time.monotonic() - self.last > REPORT:
            self.flush()

    def flush(self) -> None:
        self.report({"rows": self.rows})
        self.rows, self.last = 0, time.monotonic()


if __name__ == "__main__":
    work(sys.argv[1])
