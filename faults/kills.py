"""kill -9 in the middle of a cold run, then the same run again: the results of a run
that was left in peace, nothing half, nothing to unlock.
"""

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from faults.children import forked
from faults.grid import Grid, digests, leftovers, small_grid

TOUCHED = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir")
"""Audit events of operations on files."""


def run(folder: Path, *, trials: int, seed: int) -> dict[str, Any]:
    """Kill a cold run `trials` times: half of them at a random time, half at a random
    operation on a file of the zoo; the counts.
    """
    grid, root = small_grid(folder), folder / "zoo"
    started = time.monotonic()
    forked(lambda: grid.made(root) and None).result()
    whole = time.monotonic() - started
    undisturbed = digests(root, grid.recipes)
    operations = _operations(grid, folder / "counted")
    draw, done = random.Random(seed), []
    for number in range(trials):
        shutil.rmtree(root, ignore_errors=True)
        if number % 2:
            at = draw.randrange(1, operations)
            child = forked(lambda at=at: _ended_at(grid, root, at))
        else:
            child = forked(lambda: grid.made(root) and None)
            time.sleep(draw.uniform(0, 0.9 * whole))
            child.kill()
        code, _ = child.result()
        done.append(_after(grid, root, undisturbed) | {"killed": code == -9})
    return {
        "seed": seed,
        "trials": trials,
        "operations": operations,
        "seconds_undisturbed": round(whole, 2),
        **{name: sum(one[name] for one in done) for name in done[0]},
    }


def _after(grid: Grid, root: Path, undisturbed: dict[str, str]) -> dict[str, bool]:
    """What a killed run left, and what the same run gives after it."""
    partial = any(name.endswith(".part") for name in leftovers(root))
    some = len(digests(root, grid.recipes))
    whole = digests(root, grid.recipes)
    sound = all(undisturbed[name] == digest for name, digest in whole.items())
    code, _ = forked(lambda: grid.made(root) and None).result()
    return {
        "in_the_middle": 0 < some < len(undisturbed) or partial,
        "left_a_part": partial,
        "half_artefacts": not sound,
        "reruns_end_well": code == 0,
        "equal": digests(root, grid.recipes) == undisturbed,
        "leftovers": bool(leftovers(root)),
    }


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


def _ended_at(grid: Grid, root: Path, at: int) -> None:
    _watched(grid, root, at)


def _operations(grid: Grid, root: Path) -> int:
    """Operations of an undisturbed run, counted in a fork: a hook stays for good."""
    code, seen = forked(lambda: _watched(grid, root, None)).result()
    if code:
        raise RuntimeError(f"an undisturbed run must end well, but gave {code}")
    return seen
