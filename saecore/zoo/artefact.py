"""An artefact on disk: a folder of files with their checksums, written whole or not at
all, under a lock.
"""

import errno
import hashlib
import json
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
from saecore.zoo.progress import say

NOTE = "recipe.json"
SPARE = 32_000_000
"""Bytes that stay free on the disk."""


class Damaged(ZooError):
    """A folder is not what was written: a file is missing, cut short or changed."""


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
    """Where an artefact lies: <root>/<kind>/<slug>-<first twelve digits of the key>."""
    return root / recipe.folder / f"{recipe.slug}-{keys.key(recipe)[:12]}"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the artefact's lock, against other processes too; it falls free when its
    holder ends, however it ends.
    """
    from filelock import FileLock, Timeout

    locks = folder.parent / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / f"{folder.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"waiting for another process that is making {folder.name}")
        lock.acquire()
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
    for stale in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(stale, ignore_errors=True)
    part = folder.parent / f".{folder.name}.{os.getpid()}.part"
    try:
        with room(folder, size):
            part.mkdir()
            made = fill(part)
            _note(part, recipe, made)
            put(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def room(folder: Path, size: int) -> Iterator[None]:
    """Write about `size` bytes for `folder` within; DiskFull if they do not fit, before
    or on the way.
    """
    free = shutil.disk_usage(folder.parent).free
    if free < size + SPARE:
        raise _full(
            folder, f"{size / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free"
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
    files = {path.name: checksum(path) for path in sorted(part.iterdir())}
    described = keys.canonical(recipe)
    note = {
        "key": keys.key(recipe),
        "build": keys.BUILD,
        "recipe": described,
        "files": files,
        "made": made,
    }
    (part / NOTE).write_text(json.dumps(note, indent=1) + "\n")


def put(part: Path, folder: Path) -> None:
    """Rename the finished folder to its name, past a damaged one that may be in the
    way.
    """
    for path in part.rglob("*"):
        if path.is_dir():
            continue
        with path.open("r+b") as file:
            os.fsync(file.fileno())
    if folder.exists():
        old = part.with_suffix(".old")
        folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
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


def checksum(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verified(folder: Path, recipe: Any) -> dict[str, Any]:
    """The note of an artefact whose files are all as they were written; raises Damaged
    otherwise.
    """
    try:
        note = json.loads((folder / NOTE).read_text())
        key, files = note["key"], dict(note["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{folder / NOTE} cannot be read ({error})") from None
    if key != keys.key(recipe):
        raise Damaged(f"{folder / NOTE} describes another recipe")
    for name, digest in files.items():
        path = folder / name
        if not path.is_file():
            raise Damaged(f"{path} is missing")
        if checksum(path) != digest:
            raise Damaged(f"{path} is not what was written (its sha256 differs)")
    return note
