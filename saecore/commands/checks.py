"""What `saecore doctor` looks at on this machine: for each thing what was found, and
what to do about it.
"""

import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

from saecore import machine

PYTHONS = ((3, 11), (3, 13))
"""The first and the last version that the book is tested on."""
DISK = 4_000_000_000
"""Bytes that a whole run may take: SAEs, rows of activations, pages and site."""
_PIN = re.compile(r"(?P<name>[\w-]+)(?:\[[\w,]+\])?==(?P<version>[\w.]+); extra")

State = Literal["ok", "note", "problem"]


class Check(NamedTuple):
    """One thing that was looked at."""

    about: str
    state: State
    """"problem" stops a run; "note" is worth knowing."""
    found: str
    do: str = ""
    """What to do about it; empty if nothing need be done."""


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Check:
    """Whether this Python is one that the book is tested on."""
    said = f"{platform.python_version()}, {sys.executable}"
    if PYTHONS[0] <= version <= PYTHONS[1]:
        return Check("Python", "ok", said)
    first, last = (".".join(map(str, one)) for one in PYTHONS)
    do = f"install a Python from {first} to {last} and run `make environment`"
    return Check("Python", "problem", said, do)


def check_pins(stated: Mapping[str, str] | None = None) -> Check:
    """Whether what is installed is what the committed pages were made with."""
    stated = _pinned() if stated is None else stated
    if not stated:
        do = "install saecore with pip, so that its versions can be looked up"
        return Check("packages", "note", "no versions are stated", do)
    have = {name: _version(name) for name in stated}
    off = {name: v for name, v in have.items() if v and v != stated[name]}
    if missing := [name for name, version in have.items() if not version]:
        do = 'run `make environment`, or `pip install -e ".[book]"`'
        found = f"{len(missing)} of {len(stated)} are missing: {', '.join(missing)}"
        return Check("packages", "problem", found, do)
    if off:
        found = ", ".join(f"{n} {v} (pinned: {stated[n]})" for n, v in off.items())
        do = "numbers stay within their tolerances as a rule; `make` installs the pins"
        return Check("packages", "note", found, do)
    return Check("packages", "ok", f"all {len(stated)} pinned versions")


def check_memory() -> Check:
    """Whether a page fits, and how many processes do."""
    held = machine.memory()
    at_once = machine.side_by_side(machine.WORKER, beside=machine.PARENT)
    found = f"{held / 1e9:.1f} GB, {at_once} process{'es' * (at_once > 1)} at once"
    if held < machine.PAGE:
        do = f"a page needs {machine.PAGE / 1e9:.1f} GB: run on a larger machine"
        return Check("memory", "problem", found, do)
    return Check("memory", "ok", found)


def check_cores() -> Check:
    """Cores, and the threads that a process may start on them."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    found = f"{machine.cores()}, threads a process: {said or 'not limited'}"
    if said == "1":
        return Check("cores", "ok", found)
    do = "set OMP_NUM_THREADS=1, as `make` does: each process works on one core"
    return Check("cores", "note", found, do)


def check_disk(folder: Path) -> Check:
    """Whether there is room for the SAEs below a folder, which need not exist."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1e9:.0f} GB free at {folder}"
    if not os.access(there, os.W_OK):
        do = "set SAECORE_ZOO to a folder that you may write to"
        return Check("disk", "problem", f"{there} cannot be written to", do)
    if free < DISK:
        do = f"a whole run takes {DISK / 1e9:.0f} GB: set SAECORE_ZOO to another disk"
        return Check("disk", "note", found, do)
    return Check("disk", "ok", found)


def _pinned() -> dict[str, str]:
    """What the extra `book` states, by name."""
    try:
        lines = metadata.requires("saecore") or []
    except metadata.PackageNotFoundError:
        return {}
    book = (line for line in lines if re.search(r"extra == ['\"]book['\"]", line))
    found = (_PIN.match(line) for line in book)
    return {one["name"]: one["version"] for one in found if one}


def _version(name: str) -> str:
    """The version that is installed, without the name of its build; "" if none is."""
    try:
        return metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        return ""
