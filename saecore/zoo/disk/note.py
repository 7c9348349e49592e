"""recipe.json: by which recipe an artefact was made, what was noted then, and the
checksums that say whether its folder still is what was written.
"""

import errno
import hashlib
import json
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from saecore.errors import ZooError
from saecore.recipes import keys

NOTE = "recipe.json"
LONGEST_NOTE = 64_000_000
"""Bytes of the longest note that is read; those of the book have 100,000."""
_FIELDS = {"key": str, "build": dict, "recipe": dict, "files": dict, "made": dict}
_NO_DAMAGE = (
    errno.EACCES,
    errno.EPERM,
    errno.EMFILE,
    errno.ENFILE,
    errno.EIO,
    errno.ENOMEM,
)
"""Errors that say nothing about what was written: nothing is made anew for them."""


class Damaged(ZooError):
    """A folder is not what was written: a file is missing, cut short or changed."""


def checksum(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def note_text(recipe: Any, files: Iterable[Path], made: dict[str, Any]) -> str:
    """The note of an artefact that consists of `files`, as it is written; with a sha256
    of itself.
    """
    note = {
        "key": keys.key(recipe),
        "build": keys.BUILD,
        "recipe": keys.canonical(recipe),
        "files": {path.name: checksum(path) for path in files},
        "made": made,
    }
    return json.dumps(note | {"digest": note_digest(note)}, indent=1) + "\n"


def note_digest(note: dict[str, Any]) -> str:
    """sha256 of what a note says, but for the digest itself."""
    said = {name: part for name, part in note.items() if name != "digest"}
    # once through JSON, which turns tuples into lists and names into strings
    plain = json.loads(json.dumps(said))
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_note(folder: Path) -> dict[str, Any]:
    """The note of an artefact. Damaged if it is none, or not what was written; notes
    from before there was a digest have none, and are taken as they are.
    """
    path = folder / NOTE
    if not is_plain(path) or path.stat().st_size > LONGEST_NOTE:
        raise Damaged(f"{path} is missing, or no file, or longer than any note")
    try:
        note = json.loads(path.read_bytes())
        known = all(isinstance(note[name], kind) for name, kind in _FIELDS.items())
        strange = set(note) - {*_FIELDS, "digest"}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged(f"{path} cannot be read ({error})") from None
    if not known or strange or not note["files"]:
        raise Damaged(f"{path} does not say what a note says")
    if note.get("digest", note_digest(note)) != note_digest(note):
        raise Damaged(f"{path} is not what was written (its sha256 differs)")
    return note


def verified(folder: Path, recipe: Any) -> dict[str, Any]:
    """The note of an artefact whose files are all as they were written, and no others;
    raises Damaged otherwise.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise Damaged(f"{folder} is no folder of its own")
    note = read_note(folder)
    if note["key"] != keys.key(recipe):
        raise Damaged(f"{folder / NOTE} describes another recipe")
    # other programs leave hidden files; nobody reads them
    found = {one.name for one in folder.iterdir() if not one.name.startswith(".")}
    if added := sorted(found - set(note["files"]) - {NOTE}):
        raise Damaged(f"{folder / added[0]} was not written with it")
    for name, digest in note["files"].items():
        path = folder / name
        if name not in found or not is_plain(path):
            raise Damaged(f"{path} is missing, or no file")
        if checksum(path) != digest:
            raise Damaged(f"{path} is not what was written (its sha256 differs)")
    return note


def is_plain(path: Path) -> bool:
    """Whether there is a file, and no link, pipe or device, whose reading may never
    end.
    """
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_damage(error: Exception) -> bool:
    """Whether an error on reading speaks of the artefact, and not of permissions, of
    too many open files or of a failing disk.
    """
    if isinstance(error, MemoryError):
        return False
    return not (isinstance(error, OSError) and error.errno in _NO_DAMAGE)
