"""Child processes that start without importing anything anew: a fork of this one."""

import os
import pickle
import select
import signal
import sys
from collections.abc import Callable
from typing import Any, NamedTuple


class Child(NamedTuple):
    """A fork that runs a function."""

    pid: int
    answer: int
    """The end of a pipe on which it says what the function returned."""

    def result(self, *, patience: float | None = None) -> tuple[int, Any]:
        """Wait for its end: exit code (negative: the signal), and what was returned
        (None if it did not come so far). It is killed after `patience` seconds.
        """
        if patience is not None and not self.ends_within(patience):
            self.kill()
        with os.fdopen(self.answer, "rb") as pipe:
            said = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return code, pickle.loads(said) if said and code == 0 else None

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends within so many seconds: then its end of the pipe closes."""
        return bool(select.select([self.answer], [], [], seconds)[0])

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)


def forked(work: Callable[[], Any], *, stderr: int | None = None) -> Child:
    """Run `work` in a fork, silently unless `stderr` is a file's number."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return Child(pid, read)
    os.close(read)
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY) if stderr is None else stderr, 2)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        said = pickle.dumps(work())
        with os.fdopen(write, "wb") as pipe:
            pipe.write(said)
        os._exit(0)
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
