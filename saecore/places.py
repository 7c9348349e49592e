"""Where what is made and fetched is kept: the zoo, and beside it what came from
elsewhere.
"""

import os
import sys
from pathlib import Path

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


def _without_tilde(variable: str, chosen: str) -> Path:
    """A folder as the user said it; ZooError if it is the home of nobody."""
    try:
        return Path(chosen).expanduser()
    except RuntimeError as error:
        raise ZooError(
            f"{variable} must be a folder, but {chosen!r} is none ({error}): give its "
            "whole path"
        ) from None
