"""A command that ends, with all that it started, when the process that asked for it is
gone, however that ended.

The file is run by itself (`command`), as a small process between the one that asks and
the one it asks for: Linux counts the memory of a process that starts another into the
peak of that other, and only a process that lives on can end the others. It sees that
its parent is gone by the end of its own input.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

SUBREAPER = 36
"""Linux' PR_SET_CHILD_SUBREAPER: what loses its parent becomes a child of ours."""


def command(out: Path, asked: Sequence[str]) -> list[str]:
    """How to run `asked` watched; its exit status, CPU seconds and peak memory go to
    `out`.

    Give it a pipe as its input: closing that ends everything.
    """
    return [sys.executable, "-I", "-S", __file__, str(out), *asked]


def main(out: str, *asked: str) -> None:
    """Run the command, and write what it used."""
    _adopt()
    # the parent hears it too, and decides
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: _end())
    process = subprocess.Popen(asked, stdin=subprocess.DEVNULL)
    ending = threading.Lock()
    threading.Thread(target=_follow, args=(ending,), daemon=True).start()
    _, status, usage = os.wait4(process.pid, 0)
    spent = usage.ru_utime + usage.ru_stime
    with ending, open(out, "w") as file:
        json.dump([os.waitstatus_to_exitcode(status), spent, usage.ru_maxrss], file)


def _follow(ending: threading.Lock) -> None:
    """Wait for the end of the input, then end everything and this process too."""
    while os.read(0, 1):  # no buffer, whose lock would be missed when Python ends
        pass
    with ending:
        _end()


def _end() -> None:
    end_all()
    os._exit(1)


def _adopt() -> None:
    """Let what loses its parent become a child of this process, if possible."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def end_all() -> None:
    """Kill everything under this process, until there is nothing."""
    while found := under(os.getpid(), parents()):
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)


def under(pid: int, known: dict[int, int]) -> set[int]:
    """The children of a process, and theirs."""
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {one for one, parent in known.items() if parent in fresh} - found
        found |= fresh
    return found


def parents() -> dict[int, int]:
    """Every process that has not ended, and its parent."""
    if not Path("/proc/self/stat").exists():
        return _parents_by_ps()
    known = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it has ended by now
        if state not in "ZX":
            known[int(stat.parent.name)] = int(parent)
    return known


def _parents_by_ps() -> dict[int, int]:
    asked = ["ps", "-A", "-o", "pid=,ppid=,state="]
    done = subprocess.run(asked, capture_output=True, text=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in lines if state[0] != "Z"}


if __name__ == "__main__":
    main(*sys.argv[1:])
