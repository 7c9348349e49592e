"""kill -9 in the middle of a cold run, then the same run again: the results of a run
that was left in peace, nothing half, nothing to unlock.
"""

import os
import random
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from faults.children import Child, forked
from faults.grid import Grid, digests, leftovers, small_grid
from faults.moments import Span, kill_inside, killed_after, timed

TOUCHED = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir")
"""Audit events of operations on files."""


def run(folder: Path, *, trials: int, seed: int) -> dict[str, Any]:
    """Kill `trials` cold runs, all of them inside: half at a random time, half at a
    random operation on a file of the zoo; the counts.
    """
    grid, root = small_grid(folder), folder / "zoo"
    whole = _whole(forked(lambda: timed(lambda: grid.made(root))))
    undisturbed = digests(root, grid.recipes)
    operations = int(_whole(forked(lambda: _watched(grid, folder / "counted", None))))
    draw = random.Random(seed)
    spans = Span(whole, draw), Span(operations, draw)

    def begin_by_clock(moment: float) -> Child:
        shutil.rmtree(root, ignore_errors=True)
        return killed_after(lambda: grid.made(root), moment)

    def begin_by_operation(moment: float) -> Child:
        shutil.rmtree(root, ignore_errors=True)
        return forked(lambda: _watched(grid, root, 1 + int(moment)))

    done = []
    for number in range(trials):
        begin = begin_by_operation if number % 2 else begin_by_clock
        kill_inside(begin, spans[number % 2])
        done.append(_after(grid, root, undisturbed, patience=60 + 20 * whole))
    return {
        "seed": seed,
        "trials": trials,
        "operations": operations,
        "seconds_undisturbed": round(whole, 2),
        "redrawn": sum(one.redrawn for one in spans),
        "killed": len(done),
        **{name: sum(one[name] for one in done) for name in done[0]},
    }


def _whole(child: Child) -> float:
    """What an undisturbed run returned."""
    code, size = child.result()
    if code:
        raise RuntimeError(f"an undisturbed run must end well, but gave {code}")
    return size


def _after(
    grid: Grid, root: Path, undisturbed: dict[str, str], *, patience: float
) -> dict[str, bool]:
    """What a killed run left, and what the same run gives after it, within so many
    seconds and with no hand on the zoo.
    """
    partial = any(name.endswith(".part") for name in leftovers(root))
    whole = digests(root, grid.recipes)
    sound = all(undisturbed[name] == digest for name, digest in whole.items())
    held = still_locked(root)
    code, _ = forked(lambda: grid.made(root) and None).result(patience=patience)
    return {
        "in_the_middle": 0 < len(whole) < len(undisturbed) or partial,
        "left_a_part": partial,
        "half_artefacts": not sound,
        "locked": bool(held),
        "reruns_end_well": code == 0,
        "equal": digests(root, grid.recipes) == undisturbed,
        "leftovers": bool(leftovers(root)),
    }


def still_locked(root: Path) -> list[str]:
    """The locks of a zoo that cannot be taken: somebody would have to remove them."""
    held = []
    for path in sorted(root.glob("*/.locks/*.lock")):
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            held.append(path.name)
    return held


def _watched(grid: Grid, root: Path, at: int | None) -> int:
    """Make everything; how many operations on files of the zoo that took. This process
    kills itself at operation `at`.
    """
    seen, place = 0, str(root)

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in TOUCHED and str(arguments[0]).startswith(place):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    grid.made(root)
    return seen
