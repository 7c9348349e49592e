"""What killed runs left, and its removal."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

LOCKS = ".locks"
"""The folder of lock files, beside the artefacts of a kind."""


def removed(path: Path) -> None:
    """Remove whatever has this name, if anything has: a folder with all that is in it,
    a file, a link (not what it leads to), a pipe.
    """
    if path.is_symlink() or (os.path.lexists(path) and not path.is_dir()):
        with suppress(OSError):
            path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def swept(kind: Path) -> None:
    """Remove the unfinished folders of one kind of artefact that nobody is making: a
    maker holds the lock of the artefact's own name.
    """
    from filelock import FileLock, Timeout

    for left in kind.glob(".*"):
        name, _, _ = left.name.removeprefix(".").rpartition(".")
        name, _, number = name.rpartition(".")
        if left.suffix not in (".part", ".old") or not number.isdecimal():
            continue
        with suppress(Timeout, OSError), FileLock(kind / LOCKS / f"{name}.lock", 0):
            removed(left)
