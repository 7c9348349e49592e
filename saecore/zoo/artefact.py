"""An artefact on disk: a folder of files with their checksums, written whole or not at
all, under a lock.
"""

import errno
import glob
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from saecore.errors import ZooError
from saecore.recipes import keys
from saecore.source.site import Given, Site
from saecore.training.trainer import TrainingRows
from saecore.zoo.disk.leftovers import LOCKS, removed
from saecore.zoo.disk.note import NOTE, note_text
from saecore.zoo.progress import say

SPARE = 32_000_000
"""Bytes that stay free on the disk."""


class DiskFull(ZooError):
    """There is no room for an artefact; nothing of it was left behind."""


Advance = Callable[[int], None]
"""Hears of rows that were trained on."""
Refused = dict[Any, str]
"""What was trained and not kept, and the sentence that says why."""


@runtime_checkable
class Maker(Given, Protocol):
    """The zoo, as far as making an artefact needs it."""

    root: Path
    device: str

    def split(self, site: Site) -> TrainingRows:
        """The rows of a site as training sees them."""
        ...


def folder_of(root: Path, recipe: Any) -> Path:
    """Where an artefact lies: <root>/<kind>/<slug>-<first twelve digits of the key>.

    Raises ValueError where the slug is no name of a folder: it would lead elsewhere.
    """
    name = f"{recipe.slug}-{keys.key(recipe)[:12]}"
    if name.startswith(".") or not set("/\\\0").isdisjoint(name):
        raise ValueError(
            "a recipe's slug must be the name of a folder, without slashes and a dot "
            f"at its beginning, but it is {recipe.slug!r}: correct what it names"
        )
    return root / recipe.folder / name


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the artefact's lock, against other processes too; it falls free when its
    holder ends, however it ends. Raises ZooError where nothing can be written or
    locked.
    """
    from filelock import FileLock, Timeout

    locks = folder.parent / LOCKS
    lock = FileLock(locks / f"{folder.name}.lock")
    try:
        locks.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say(f"waiting for another process that is making {folder.name}")
            lock.acquire()
    except (OSError, NotImplementedError) as error:
        raise ZooError(
            f"to make {folder.name}, a lock must be written to {locks}, but it cannot "
            f"be ({error}): set SAECORE_ZOO to a folder of your own on another disk"
        ) from None
    try:
        yield
    finally:
        lock.release()


def write(
    folder: Path, recipe: Any, fill: Callable[[Path], dict[str, Any]], *, size: int
) -> None:
    """Make an artefact of about `size` bytes: `fill` writes files into an empty folder
    and returns what is to be noted.

    Call it under the artefact's lock. The folder appears under its name when everything
    is in it; what an interrupted run left is removed first. Raises DiskFull when there
    is no room, and leaves nothing behind then.
    """
    for stale in folder.parent.glob(f".{glob.escape(folder.name)}.*"):
        removed(stale)
    part = folder.parent / f".{folder.name}.{os.getpid()}.part"
    try:
        with room(folder, size):
            part.mkdir()
            made = fill(part)
            _note(part, recipe, made)
            put(part, folder)
    finally:
        removed(part)


@contextmanager
def room(folder: Path, size: int) -> Iterator[None]:
    """Write about `size` bytes for `folder` within; DiskFull if they do not fit, before
    or on the way.
    """
    free = shutil.disk_usage(folder.parent).free
    if free < size + SPARE:
        raise _full(
            folder,
            f"{size / 1e6:.0f} MB are needed, {SPARE / 1e6:.0f} MB have to stay free, "
            f"and {free / 1e6:.0f} MB are free",
        )
    try:
        yield
    except Exception as error:
        if not _no_room(error):
            raise
        raise _full(folder, "the disk filled up while it was written") from None


def _no_room(error: Exception) -> bool:
    """Whether an error says that the disk is full; that of safetensors has the system's
    words, no number.
    """
    numbers = (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in numbers
    return any(os.strerror(number) in str(error) for number in numbers)


def _full(folder: Path, what: str) -> DiskFull:
    return DiskFull(
        f"an artefact needs room on its disk, but for {folder} {what}: free some, or "
        "set SAECORE_ZOO to another disk"
    )


def _note(part: Path, recipe: Any, made: dict[str, Any]) -> None:
    (part / NOTE).write_text(note_text(recipe, sorted(part.iterdir()), made))


def put(part: Path, folder: Path) -> None:
    """Rename the finished folder to its name, past a damaged one that may be in the
    way.
    """
    for path in part.rglob("*"):
        if path.is_dir():
            continue
        with path.open("r+b") as file:
            os.fsync(file.fileno())
    if os.path.lexists(folder):
        old = part.with_suffix(".old")
        folder.rename(old)
        part.rename(folder)
        removed(old)
    else:
        part.rename(folder)


def cpu_seconds() -> float:
    """CPU seconds of this process so far: user and system."""
    return sum(os.times()[:2])


def peak_memory() -> int | None:
    """The largest resident size of this process so far, in bytes; None where the system
    does not say.
    """
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
