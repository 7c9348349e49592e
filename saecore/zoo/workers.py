"""Making artefacts in several processes, one thread each: `python -m saecore.zoo.workers <zoo>` reads jobs
from its input; <zoo> is the zoo's root and what it knows of language models, as JSON.

Jobs and answers are lines of JSON. A worker asks its own zoo of the same root for its recipes, so its locks,
checks and results are the same as without workers; when the parent is gone, its input ends and so does it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saecore.zoo.artefact import ZooError
from saecore.zoo.plan import Job, Queue
from saecore.zoo.progress import LINES
from saecore.zoo.recipe import canonical, restored

if TYPE_CHECKING:
    from saecore.zoo.store import Zoo

REPORT = 0.2  # seconds between two reports of progress


def in_processes(zoo: "Zoo", planned: Sequence[Job], advance: Callable[[int], None]) -> list[str]:
    """Do the jobs in the zoo's number of processes; the sentences about SAEs that were refused.

    Raises ZooError if a worker fails; what is finished is kept, and a later call goes on from there.
    """
    queue = Queue(planned)
    processes = [_start(zoo) for _ in range(min(zoo.workers, len(planned)))]
    pool = ThreadPoolExecutor(len(processes))
    try:
        pending = [pool.submit(_serve, process, queue, advance) for process in processes]
        return [sentence for one in pending for sentence in one.result()]
    finally:
        queue.stop()
        for process in processes:
            process.kill()
            process.wait()
        pool.shutdown()


def _start(zoo: "Zoo") -> "subprocess.Popen[str]":
    """A worker that finds this package, and does not look for modules in the working folder (-P)."""
    package = str(Path(__file__).resolve().parents[2])
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)  # an empty one means the working folder
    paths = os.pathsep.join(filter(None, (package, *others)))
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONPATH": paths,
        LINES: "1",
    }
    models = [[canonical(model), str(Path(at).resolve())] for model, at in zoo.language_models.items()]
    described = json.dumps({"root": str(zoo.root.resolve()), "language_models": models})
    command = [sys.executable, "-P", "-m", "saecore.zoo.workers", described]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes)


def _serve(process: "subprocess.Popen[str]", queue: Queue, advance: Callable[[int], None]) -> list[str]:
    """Give one process jobs until there are none left."""
    refused: list[str] = []
    assert process.stdin is not None
    try:
        while (job := queue.take()) is not None:
            process.stdin.write(json.dumps([canonical(one) for one in job.make]) + "\n")
            process.stdin.flush()
            refused += _answer(process, advance)
            queue.done(job)
    except BrokenPipeError:
        raise _ended(process) from None
    finally:
        queue.stop()  # nothing is left, or this one has failed and others would wait for what it owes
    return refused


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
        "a process that trains must live until its jobs are done, but one ended with code "
        f"{process.wait()} (its own "
        "message is above; a negative code means it was killed, often for want of memory): ask again "
        "to go on with the rest"
    )


def work(described: str) -> None:
    """Make what comes in, a line at a time."""
    from saecore.zoo.store import Zoo

    out, sys.stdout = sys.stdout, sys.stderr
    known = json.loads(described)
    models = {restored(model): folder for model, folder in known["language_models"]}
    zoo = Zoo(known["root"], workers=1, language_models=models)

    def report(answer: dict[str, Any]) -> None:
        out.write(json.dumps(answer) + "\n")
        out.flush()

    for line in sys.stdin:
        job = [restored(one) for one in json.loads(line)]
        counted = _Counted(report)
        try:
            refused = zoo.do(job, counted.advance)
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
