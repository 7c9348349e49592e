"""A pool of processes that make artefacts, one thread each: the parent's side (the
child's is `saecore.zoo.worker`).

Jobs and answers are lines of JSON on the child's input and output. No
`multiprocessing`: it would import the user's own script anew in every child.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from saecore.errors import ZooError
from saecore.recipes.keys import canonical
from saecore.zoo.artefact import Refused
from saecore.zoo.plan import Job, Queue
from saecore.zoo.progress import LINES

Child = subprocess.Popen[str]

PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from saecore.zoo.worker import main
main(sys.argv[1])
"""
"""What a child runs. Ctrl-C reaches the whole group of a terminal: the parent says what
happened and ends its children, and they have nothing to add.
"""


class Start(NamedTuple):
    """What a child has to know of the zoo."""

    root: Path
    """Its folder."""
    places: Mapping[Any, str | Path]
    """Where language models and files lie."""
    processes: int
    """How many children at most."""


def in_processes(
    start: Start,
    planned: Sequence[Job],
    advance: Callable[[int], None],
) -> Refused:
    """Do the jobs in several processes; what was refused.

    Raises ZooError if a child fails; what is finished is kept, and a later call goes on
    from there.
    """
    queue, refused = Queue(planned), {}
    children = [_child(start) for _ in range(min(start.processes, len(planned)))]
    threads = ThreadPoolExecutor(len(children))
    try:
        served = [threads.submit(_serve, one, queue, advance) for one in children]
        for one in served:
            refused |= one.result()
        return refused
    finally:
        queue.stop()
        for one in children:
            one.kill()
            one.wait()
        threads.shutdown()


def _child(start: Start) -> Child:
    """A child whose end of the pipe tells it when this process is gone, however it
    ended.

    It finds the same saecore as this process, and imports nothing from the folder that
    the user happens to be in (-P).
    """
    package = str(Path(__file__).resolve().parents[2])
    others = os.environ.get(
        "PYTHONPATH",
        "",
    ).split(os.pathsep)  # empty: the user's folder
    paths = os.pathsep.join(filter(None, (package, *others)))
    one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment = os.environ | one_thread | {"PYTHONPATH": paths, LINES: "1"}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, described(start)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def described(start: Start) -> str:
    """What a child has to know, as JSON."""
    known = start.places.items()
    places = [[canonical(what), os.path.abspath(at)] for what, at in known]
    return json.dumps({"root": os.path.abspath(start.root), "places": places})


def _serve(child: Child, queue: Queue, advance: Callable[[int], None]) -> Refused:
    """Give one child jobs until there are none left."""
    refused: Refused = {}
    assert child.stdin is not None
    try:
        while (job := queue.take()) is not None:
            child.stdin.write(json.dumps([canonical(one) for one in job.make]) + "\n")
            child.stdin.flush()
            lost = {job.make[i]: why for i, why in _answer(child, advance)}
            refused |= lost
            queue.done(job, lost)
    except BrokenPipeError:
        raise _ended(child) from None
    finally:
        queue.stop()  # nothing is left, or this child failed and others wait for it
    return refused


def _answer(child: Child, advance: Callable[[int], None]) -> list[list[Any]]:
    """Read a child's lines until its job is done: what was refused, by place."""
    assert child.stdout is not None
    for line in child.stdout:
        answer = json.loads(line)
        if "rows" in answer:
            advance(answer["rows"])
        elif "failed" in answer:
            raise ZooError(answer["failed"])
        else:
            return answer["refused"]
    raise _ended(child)


def _ended(child: Child) -> ZooError:
    return ZooError(
        "a process that makes artefacts must live until its jobs are done, but one "
        f"ended with code {child.wait()} (its own message is above; a negative code "
        "means it was killed, often for want of memory): ask again to go on with the "
        "rest"
    )
