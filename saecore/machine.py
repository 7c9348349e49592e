"""The limits in force on this machine: how many cores and how much memory a run may
use, by whoever sets the tightest limit.

The system, a control group (Linux' cgroup, version 2 or 1, as containers and batch
queues set it) and the shell (`ulimit -v`) may each set one.
"""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")
PARENT = 450_000_000
"""Bytes of the processes that ask others to make something: those of a notebook that
runs.
"""
WORKER = 950_000_000
"""Bytes of a process that makes artefacts of a small language model: at most 620 MB of
its own were measured, and up to 320 MB of rows that it maps. Two of them do not fit
beside a notebook where 2 GiB is all there is, as on Binder.
"""
PAGE = 1_350_000_000
"""Bytes of a notebook that runs."""


def cores(root: Path = ROOT) -> int:
    """Cores that this process may use: those it may run on, or as many as its control
    groups' share of time (cpu.max) fills; at least one.
    """
    own = (
        len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1
    )
    return max(1, int(min([own, *_quotas(root)])))


def memory(root: Path = ROOT) -> int:
    """Bytes that this process and those it starts may hold together: the smallest of
    the machine's memory, the limits of its control groups (memory.max), the address
    space that a process may have, and what a JupyterHub such as Binder states
    (MEM_LIMIT).
    """
    limits = [*_physical(), *_group_limits(root), *_address_space(), *_hub_limit()]
    return min(limits, default=2**62)


def side_by_side(each: int, *, beside: int = 0, root: Path = ROOT) -> int:
    """How many processes of `each` so many bytes fit `beside` what is there already,
    one per core at most; at least one.
    """
    return max(1, min(cores(root), (memory(root) - beside) // each))


def _physical() -> Iterator[int]:
    try:
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return


def _address_space() -> Iterator[int]:
    try:
        import resource
    except ImportError:
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        yield limit


def _hub_limit() -> Iterator[int]:
    if (stated := os.environ.get("MEM_LIMIT", "")).isdigit():
        yield int(stated)


def _group_limits(root: Path) -> Iterator[int]:
    for folder in _groups(root, ""):
        yield from _numbers(folder / "memory.max")[:1]
    for folder in _groups(root, "memory"):
        yield from _numbers(folder / "memory.limit_in_bytes")


def _quotas(root: Path) -> Iterator[float]:
    """Cores' worth of time per period."""
    for folder in _groups(root, ""):
        if len(found := _numbers(folder / "cpu.max")) == 2:
            yield found[0] / found[1]
    for folder in _groups(root, "cpu"):
        quota = _numbers(folder / "cpu.cfs_quota_us")
        period = _numbers(folder / "cpu.cfs_period_us")
        if quota and period and quota[0] > 0:
            yield quota[0] / period[0]


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's control group and of those above it: of version 2
    (no `controller`), or of one controller of version 1.

    A container may not see the path that the system states; its own limit then stands
    at the top.
    """
    top = root / "sys" / "fs" / "cgroup" / controller
    for line in _lines(root / "proc" / "self" / "cgroup"):
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            own = Path(path.strip("/"))
            yield from (top / part for part in (own, *own.parents))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _numbers(path: Path) -> list[int]:
    """The numbers of a file's first line; none where there is no limit ("max")."""
    words = " ".join(_lines(path)[:1]).split()
    return [int(word) for word in words if word.lstrip("-").isdigit()]
