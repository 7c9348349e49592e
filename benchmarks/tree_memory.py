"""Peak memory of a command and all processes under it: `python
benchmarks/tree_memory.py COMMAND ARGUMENT...`, or `--rows` for the jobs that make rows,
at two sizes each.

Memory is the proportional set size (PSS): of pages that several processes share, as of
PyTorch's library, each counts its share, so that the sum over the tree is what the
machine has to hold. It is read from /proc/*/smaps_rollup every 0.1 s. "Without a
file behind" is the part that the system cannot drop and read again; it is what must not
grow with the number of rows.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

EVERY = 0.1
"""Seconds between two looks."""
PARTS = {"Pss": "total", "Pss_Anon": "anonymous", "Pss_Shmem": "shared"}
"""Lines of smaps_rollup, and what we call them."""


class Memory(NamedTuple):
    """What a process holds, or several do together."""

    total: float
    """MB (10^6 bytes)."""
    anonymous: float
    """Without a file behind, in MB."""


class Peaks(NamedTuple):
    """The largest sums over a tree of processes, and who held them."""

    memory: Memory
    """Each at its own moment."""
    held: dict[str, Memory]
    """By process, when the total was largest."""
    status: int
    """What the command ended with."""
    seconds: float


def main() -> None:
    """Print the peak of a command, or a table of jobs."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", action="store_true", help="two sizes of each job")
    options.add_argument("command", nargs=argparse.REMAINDER)
    asked = options.parse_args()
    if asked.rows:
        by_rows()
    elif asked.command:
        sys.exit(report(measured(asked.command)))
    else:
        options.error("a command to measure is needed, or --rows")


def report(peaks: Peaks) -> int:
    """Print the peak and who held it; the status of the command."""
    for name, memory in peaks.held.items():
        print(f"{memory.total:8.0f} MB, {memory.anonymous:6.0f} anonymous  {name}")
    memory = peaks.memory
    print(
        f"{memory.total:8.0f} MB at the peak, {memory.anonymous:.0f} anonymous at its "
        f"own peak, {peaks.seconds:.0f} s"
    )
    return peaks.status


def measured(command: Sequence[str]) -> Peaks:
    """Run a command to its end and look at its tree meanwhile."""
    begun, process = time.monotonic(), subprocess.Popen(command)
    most, held, anonymous = 0.0, {}, 0.0
    while process.poll() is None:
        now = tree(process.pid)
        total = sum(one.total for one in now.values())
        anonymous = max(anonymous, sum(one.anonymous for one in now.values()))
        if total > most:
            most, held = total, now
        time.sleep(EVERY)
    spent = time.monotonic() - begun
    return Peaks(Memory(most, anonymous), held, process.returncode, spent)


def tree(pid: int) -> dict[str, Memory]:
    """What a process and all under it hold, by number and name."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended by now
        children.setdefault(parent, []).append(int(stat.parent.name))
    found, fresh = {}, [pid]
    while fresh:
        one = fresh.pop()
        fresh += children.get(one, [])
        if (memory := of_process(one)) is not None:
            found[name_of(one)] = memory
    return found


def of_process(pid: int) -> Memory | None:
    """What one process holds; None if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    words = (line.split() for line in lines)
    size = {word[0].rstrip(":"): 1024 * int(word[1]) / 1e6 for word in words}
    return Memory(size["Pss"], size["Pss_Anon"] + size["Pss_Shmem"])


def name_of(pid: int) -> str:
    """Number and beginning of the command line."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        line = ""
    return f"{pid} {' '.join(line.split())[:70]}"


JOB = """
import sys
from saecore.profiles import TINY
from saecore.recipes.sae import SAERecipe
from saecore.source.model.language_model import identify
from saecore.source.model.texts import SampledText
from saecore.source.site import Site
from saecore.source.planted import Planted
from saecore.source.tasks.words import TextWords
from saecore.source.worlds.rows import World
from saecore.recipes.baselines import BaselineRecipe
from saecore.zoo.store import Zoo

root, job, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
text = SampledText(identify(TINY), sequences=n)
on_text, world = Site(text, layer=1), Site(World(), rows=127 * n)
asked = {
    "text": lambda: [text],
    "rows": lambda: [on_text],
    "words": lambda: [Site(TextWords(text), layer=1)],
    "world": lambda: [world],
    "planted": lambda: [Site(Planted(on_text))],
    "pca": lambda: [BaselineRecipe(on_text, "pca")],
    "ica": lambda: [BaselineRecipe(on_text, "ica")],
    "saes": lambda: SAERecipe(on_text, "topk", 640, 8).sweep(seed=range(3)),
}[job]()
Zoo(root, workers=1).make(asked)
"""
"""Makes one thing, and what it needs, in one process."""
JOBS = ("text", "rows", "words", "world", "planted", "pca", "ica", "saes")
SIZES = (512, 4096)
"""Sequences of 128 tokens: 65 thousand and 520 thousand rows."""


def by_rows() -> None:
    """Print the peaks of each job at two numbers of rows; each finds what it needs."""
    print(f"{'MB at the peak, of it anonymous':34}{'65 k rows':>16}{'520 k rows':>16}")
    with tempfile.TemporaryDirectory() as root:
        for job in JOBS:
            peaks = [
                measured([sys.executable, "-c", JOB, root, job, str(n)]).memory
                for n in SIZES
            ]
            cells = "".join(f"{m.total:9.0f} {m.anonymous:6.0f}" for m in peaks)
            print(f"{job:34}{cells}", flush=True)


if __name__ == "__main__":
    main()
