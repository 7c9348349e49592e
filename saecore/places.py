"""Where what is made and fetched is kept: the zoo, and beside it what came from
elsewhere.
"""

import os
import shutil
import sys
from pathlib import Path
from stat import S_IMODE

from saecore.errors import ZooError


def default_root() -> Path:
    """$SAECORE_ZOO if set, else _build/zoo of a source checkout, else the user's cache
    folder.
    """
    if chosen := os.environ.get("SAECORE_ZOO"):
        return _without_tilde("SAECORE_ZOO", chosen)
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / ".git").exists() or (checkout / "pyproject.toml").exists():
        return checkout / "_build" / "zoo"
    home = Path.home()
    bases = {
        "win32": os.environ.get("LOCALAPPDATA"),
        "darwin": home / "Library" / "Caches",
    }
    base = (
        bases.get(sys.platform)
        or os.environ.get(
            "XDG_CACHE_HOME",
        )
        or home / ".cache"
    )
    return Path(base) / "saecore" / "zoo"


def fetched_root() -> Path:
    """The folder of language models and texts that were fetched, beside the zoo's own:
    $SAECORE_FETCHED if set, else `fetched` in the zoo.
    """
    if chosen := os.environ.get("SAECORE_FETCHED"):
        return _without_tilde("SAECORE_FETCHED", chosen)
    return default_root() / "fetched"


def as_others(made: Path) -> None:
    """Give a file or folder, with all that is in it, the mode that any other gets from
    the user's umask: safetensors and tempfile make them for their maker alone, and
    where a zoo is shared nobody else could read them.
    """
    plain = made.with_name(f".{made.name}.{os.getpid()}.mode")
    try:
        plain.mkdir()
        file = plain / "file"
        file.touch()
        modes = [S_IMODE(one.stat().st_mode) for one in (file, plain)]
    finally:
        shutil.rmtree(plain, ignore_errors=True)
    for one in (made, *(made.rglob("*") if made.is_dir() else ())):
        mode = modes[one.is_dir()]
        if S_IMODE(one.stat().st_mode) != mode:  # some disks have one mode for all
            one.chmod(mode)


def _without_tilde(variable: str, chosen: str) -> Path:
    """A folder as the user said it; ZooError if it is the home of nobody."""
    try:
        return Path(chosen).expanduser()
    except RuntimeError as error:
        raise ZooError(
            f"{variable} must be a folder, but {chosen!r} is none ({error}): give its "
            "whole path"
        ) from None
