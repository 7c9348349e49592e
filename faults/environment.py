"""An unkind machine: a full disk, a cache that cannot be written, no home, odd names, a
bare locale, no locks, clocks that jump. Each gives a right result or one sentence.
"""

import contextlib
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from faults import users
from faults.children import forked
from faults.grid import Grid, digests, leftovers, small_grid
from saecore.errors import ZooError
from saecore.zoo import artefact

CHECKOUT = Path(__file__).parents[1]
ODD = (
    "with space",
    "ünï–日本",
    "quote'\"s",
    "semi;$HOME`x`",
    "new\nline",
    "-dash",
    "%20#",
)
NOT_RUN = "not run: "


def run(folder: Path) -> dict[str, Any]:
    """Try everything; what came of each, in words, and whether that is right."""
    rows = []
    for number, (name, trial) in enumerate(TRIALS.items()):
        place = folder / str(number)
        place.mkdir()
        try:
            came = trial(place, small_grid(place))
        except Unavailable as why:
            came = f"{NOT_RUN}{why}"
        rows.append({"machine": name, "came": came})
    return {"rows": rows, "wrong": [one for one in rows if not is_right(one["came"])]}


RIGHT, SENTENCE = "right result", "one sentence: "


def is_right(came: str) -> bool:
    """Whether an outcome is one of those that may be."""
    return came == RIGHT or came.startswith((SENTENCE, NOT_RUN))


class Unavailable(Exception):
    """This machine cannot be made unkind in this way."""


def outcome(grid: Grid, root: Path, before: Callable[[], Any] = lambda: None) -> str:
    """What comes of asking for everything in a fork in which `before` was called."""

    def asked() -> str:
        before()
        try:
            grid.made(root)
        except ZooError as error:
            return f"{SENTENCE}{str(error).replace(str(root), 'ZOO')}"
        return RIGHT

    code, said = forked(asked).result()
    return said if code == 0 else f"a process ended with code {code}"


def compared(grid: Grid, root: Path, before: Callable[[], Any] = lambda: None) -> str:
    """The same, and the artefacts are those of a zoo that was left in peace."""
    calm = root.parent / "calm"
    forked(lambda: grid.made(calm) and None).result()
    came = outcome(grid, root, before)
    if came == RIGHT and digests(root, grid.recipes) != digests(calm, grid.recipes):
        return "other artefacts than in peace"
    return came


@contextlib.contextmanager
def mounted(place: Path, *options: str) -> Iterator[None]:
    """A file system in memory at `place`; Unavailable without the right to mount."""
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", *options, "tmpfs", str(place)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True).returncode
    ):
        raise Unavailable("mounting needs rights that this user has not")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], capture_output=True, check=True)


def full_before(place: Path, grid: Grid) -> str:
    """Less room than has to stay free."""
    with mounted(place / "disk", "-o", "size=1m"):
        came = outcome(grid, place / "disk" / "zoo")
        return _nothing_left(came, place / "disk" / "zoo")


def full_on_the_way(place: Path, grid: Grid) -> str:
    """Room by the numbers, and none when it is used: others took it."""
    with mounted(place / "disk", "-o", "size=180k"):
        came = outcome(grid, place / "disk" / "zoo", lambda: _spare(0))
        return _nothing_left(came, place / "disk" / "zoo")


def _spare(size: int) -> None:
    artefact.SPARE = size
    artefact.shutil.disk_usage = lambda _: shutil._ntuple_diskusage(2**40, 0, 2**40)  # type: ignore[attr-defined]


def _nothing_left(came: str, root: Path) -> str:
    if came.startswith(SENTENCE) and leftovers(root):
        return f"left {leftovers(root)} behind"
    return came


def read_only_whole(place: Path, grid: Grid) -> str:
    """All is there, and nothing can be written."""
    return _read_only(place, grid, whole=True)


def read_only_empty(place: Path, grid: Grid) -> str:
    """Nothing is there, and nothing can be written."""
    return _read_only(place, grid, whole=False)


def _read_only(place: Path, grid: Grid, *, whole: bool) -> str:
    disk = place / "disk"
    with mounted(disk, "-o", "size=80m"):
        if whole:
            forked(lambda: grid.made(disk / "zoo") and None).result()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        return outcome(grid, disk / "zoo")


def odd_names(place: Path, grid: Grid) -> str:
    """A zoo in folders with names that shells and addresses read in another way."""
    return compared(grid, place.joinpath(*ODD) / "zoo")


def no_locks(place: Path, grid: Grid) -> str:
    """A file system that knows no locks."""

    def refuse() -> None:
        import fcntl

        def flock(*_: Any) -> None:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

        fcntl.flock = flock

    return outcome(grid, place / "zoo", refuse)


def old_and_future(place: Path, grid: Grid) -> str:
    """Files dated 1970 and 2100, as after a clock that jumped."""
    root = place / "zoo"
    forked(lambda: grid.made(root) and None).result()
    for number, path in enumerate(sorted(root.rglob("*"))):
        os.utime(path, (0, 0) if number % 2 else (4.1e9, 4.1e9))
    return compared(grid, root)


def deleted_meanwhile(place: Path, grid: Grid) -> str:
    """Another process deletes the cache while artefacts are made; asked again."""
    root, fork = place / "zoo", forked(lambda: grid.made(place / "zoo") and None)
    for _ in range(200):
        shutil.rmtree(root, ignore_errors=True)
    fork.result()
    return compared(grid, root)


def _command(place: Path, **environment: str | None) -> str:
    """What `saecore list` says; of variables that are None it hears nothing."""
    said = os.environ | {"PYTHONPATH": str(CHECKOUT), "SAECORE_ZOO": str(place / "zoo")}
    known = {name: value for name, value in (said | environment).items() if value}
    done = subprocess.run(
        [sys.executable, "-m", "saecore", "list"],
        cwd=place,
        env=known,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0 and done.stdout.startswith(("missing", "trained")):
        return RIGHT if not done.stderr else f"noise: {done.stderr[:300]}"
    lines = done.stderr.strip().splitlines()
    if len(lines) == 1 and lines[0].startswith("saecore: "):
        return f"{SENTENCE}{lines[0]}".replace(str(place), "PLACE")
    return f"code {done.returncode}: {done.stderr[-300:]}"


def two_users_at_once(place: Path, grid: Grid) -> str:
    """Two users of one group, and a zoo of the group's."""
    return _of_users(users.at_once) or RIGHT


def another_users_zoo(place: Path, grid: Grid) -> str:
    """A whole zoo that another user made, and everybody may read."""
    return _of_users(lambda: users.after_another(umask=0o022)) or RIGHT


def another_users_own_zoo(place: Path, grid: Grid) -> str:
    """A whole zoo that another user made for nobody else."""
    said = _of_users(lambda: users.after_another(umask=0o077))
    return f"{SENTENCE}{said}" if "SAECORE_ZOO" in said else f"no sentence: {said}"


def _of_users(trial: Callable[[], str]) -> str:
    try:
        return trial()
    except users.NoRights:
        why = "becoming other users needs rights that this one has not"
        raise Unavailable(why) from None


TRIALS: dict[str, Callable[[Path, Grid], str]] = {
    "a disk without room": full_before,
    "a disk that fills up on the way": full_on_the_way,
    "a whole zoo that is read only": read_only_whole,
    "an empty zoo that is read only": read_only_empty,
    "odd names of folders": odd_names,
    "a file system without locks": no_locks,
    "files of 1970 and 2100": old_and_future,
    "a cache that another process deletes": deleted_meanwhile,
    "two users of one group at once": two_users_at_once,
    "a zoo of another user's": another_users_zoo,
    "a zoo of another user's alone": another_users_own_zoo,
    "locale C": lambda place, _: _command(place, LC_ALL="C", LANG="C"),
    "no HOME, no TMPDIR": lambda place, _: _command(place, HOME=None, TMPDIR="/none"),
    "a zoo in the home of nobody": lambda place, _: _command(
        place, SAECORE_ZOO="~nobody of this name/zoo"
    ),
    "a zoo below a file": lambda place, _: _command(place, SAECORE_ZOO="/dev/null/zoo"),
}
