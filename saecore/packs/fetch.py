"""A file from an address: with progress, resumed after a break, and checked."""

import hashlib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

from saecore.errors import ZooError
from saecore.packs.layout import file_digest
from saecore.zoo.progress import Progress

_BLOCK = 1 << 20
_SECONDS = 60
"""Without a byte until a connection counts as broken."""


class NoAnswer(ZooError):
    """An address gave nothing, or broke off."""


def is_address(said: str) -> bool:
    """Whether it is an address and not a path."""
    return urlsplit(said).scheme in ("http", "https")


def fetched(address: str, folder: Path) -> Path:
    """The file of an http address, below `folder`; fetched if it is not there yet.

    `#sha256=...` behind the address is checked. What a break left is gone on with.
    Raises ZooError if it cannot be had, or is not the file that was meant.
    """
    address, wanted = urldefrag(address)
    path = folder / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.safetensors"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _download(address, path)
    if wanted:
        _check(address, path, wanted)
    return path


def _check(address: str, path: Path, wanted: str) -> None:
    name, _, digest = wanted.partition("=")
    if name != "sha256":
        raise ZooError(
            f"what stands behind # must be sha256=..., but {wanted!r} does: correct "
            "the address"
        )
    if (found := file_digest(path)) != digest.lower():
        path.unlink()
        raise ZooError(
            f"{address} should have the sha256 {digest}, but has {found}: it was "
            "deleted; fetch it again, or ask whoever named the address"
        )


def _download(address: str, path: Path) -> None:
    part = path.with_suffix(".part")
    begun = part.stat().st_size if part.is_file() else 0
    try:
        with _opened(address, begun) as answer:
            resumed = answer.status == 206
            length = int(answer.headers.get("Content-Length") or 0)
            shown = Progress("pack", begun * resumed + length, unit="bytes")
            shown.advance(begun * resumed)
            with part.open("ab" if resumed else "wb") as file:
                _copy(answer, file, shown)
            shown.close()
    except (OSError, ValueError) as error:  # URLError is an OSError
        raise NoAnswer(
            f"a pack is fetched from an address that answers, but {address} does not "
            f"({error}): look at the address and the network, and run the same command "
            "to go on where it broke off"
        ) from None
    part.replace(path)


def _opened(address: str, begun: int) -> Any:
    headers = {"Range": f"bytes={begun}-"} if begun else {}
    request = urllib.request.Request(address, headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # nothing is left to fetch, or the file is another
            raise
        return urllib.request.urlopen(address, timeout=_SECONDS)


def _copy(answer: Any, file: Any, shown: Progress) -> None:
    left = answer.headers.get("Content-Length")
    missing = int(left) if left else None
    while block := answer.read(_BLOCK):
        file.write(block)
        shown.advance(len(block))
        missing = None if missing is None else missing - len(block)
    if missing:
        raise OSError(f"{missing} bytes short")
