"""Two users of one machine and one zoo: at once, and one after the other."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.children import Child, forked
from faults.grid import Grid, digests, small_grid
from saecore.errors import ZooError

USERS, GROUP = (61_501, 61_502), 61_600
"""Numbers that no account of the machine needs to have."""


class NoRights(Exception):
    """Only root may become other users."""


@contextmanager
def shared_place() -> Iterator[Path]:
    """A folder of the group, in which new folders are the group's too."""
    if os.geteuid():
        raise NoRights
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.chown(place, -1, GROUP)
        place.chmod(0o2775)
        yield place


def asked_as(user: int, grid: Grid, root: Path, *, umask: int, group: int) -> Child:
    """A fork that becomes a user and asks for everything: "made", or what it was told.

    It makes a zoo of its own first: what is imported on the way is then known, even if
    the user may not read it.
    """
    own = root.parent / f"calm-{user}"

    def asked() -> str:
        grid.made(own)
        os.umask(umask)
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
        try:
            grid.made(root)
        except ZooError as error:
            return str(error)
        return "made"

    return forked(asked)


def at_once() -> str:
    """Two users of one group ask for the same, in a zoo of the group's."""
    with shared_place() as place:
        grid, root = small_grid(place), place / "zoo"
        forks = [asked_as(u, grid, root, umask=0o002, group=GROUP) for u in USERS]
        came = [fork.result() for fork in forks]
        calm = digests(place / f"calm-{USERS[0]}", grid.recipes)
        if came == [(0, "made")] * 2 and digests(root, grid.recipes) == calm:
            return ""
        return f"they came to {came}"


def after_another(*, umask: int) -> str:
    """A user makes everything with a umask, and one of another group asks for it."""
    with shared_place() as place:
        place.chmod(0o777)
        grid, root = small_grid(place), place / "zoo"
        first, second = USERS
        made = asked_as(first, grid, root, umask=umask, group=first).result()
        if made != (0, "made"):
            return f"the first came to {made}"
        code, said = asked_as(second, grid, root, umask=umask, group=second).result()
        told = str(said or f"code {code}").replace(str(root), "ZOO")
        return "" if (code, said) == (0, "made") else told
