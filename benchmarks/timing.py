"""How costs are measured: candidates take turns in one process, on one thread.

Times are CPU time, user and system, and the figure is the median over at least seven
rounds; in every round each candidate runs once, so that what else the machine does
falls on all of them alike.
"""

import resource
import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

LEAST, MOST, BUDGET = 7, 41, 2.0
"""Rounds at least and at most; between them, as many as fit into these CPU seconds."""


class Cost(NamedTuple):
    """What one run of a candidate costs."""

    ms: float
    """Median CPU time in milliseconds."""
    low: float
    """Lower quartile of it."""
    high: float
    """Upper quartile of it."""
    faults: float
    """Median number of page faults."""


class Spent(NamedTuple):
    """CPU seconds and page faults of this process, since it began or of one run."""

    seconds: float
    kernel: float
    """The part of the seconds that the system took."""
    faults: int


def spent(since: Spent | None = None) -> Spent:
    """What this process has spent so far, or since then."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    now = Spent(time.process_time(), used.ru_stime, used.ru_minflt)
    if since is None:
        return now
    kernel, faults = now.kernel - since.kernel, now.faults - since.faults
    return Spent(now.seconds - since.seconds, kernel, faults)


def cost(run: Callable[[], object]) -> Spent:
    """What one run spends."""
    start = spent()
    run()
    return spent(start)


def interleaved(
    candidates: Mapping[str, Callable[[], object]], *, warm: int = 1
) -> dict[str, Cost]:
    """The cost of each candidate; the first rounds warm up and do not count."""
    first = [sum(cost(run).seconds for run in candidates.values()) for _ in range(warm)]
    rounds = max(LEAST, min(MOST, int(BUDGET / max(first[-1], 1e-6))))
    found: dict[str, list[Spent]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            found[name].append(cost(run))
    return {name: summary(runs) for name, runs in found.items()}


def summary(runs: list[Spent]) -> Cost:
    """Median and quartiles of several runs."""
    ms = [1000 * run.seconds for run in runs]
    low, middle, high = statistics.quantiles(ms, n=4, method="inclusive")
    return Cost(middle, low, high, statistics.median(run.faults for run in runs))
