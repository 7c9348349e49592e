"""Wheels from a folder, from a pip that is replaced, and sentences about what is
missing or another file.
"""

import hashlib
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from saecore.source.fetched import wheels
from saecore.source.fetched.wheels import NotFetched, Wheel, fetched_wheel

ASKED = Wheel("words", "1.0", "words-1.0-py3-none-any.whl", "", 1, "MIT", "words")


def written(folder: Path) -> Wheel:
    """A wheel in a folder, and what it is asked for by."""
    path = folder / ASKED.file
    with zipfile.ZipFile(path, "w") as inside:
        inside.writestr("words/text.txt", "a text")
    return replace(ASKED, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_wheel_that_is_there_is_not_fetched(tmp_path):
    wheel = written(tmp_path)
    assert fetched_wheel(wheel, tmp_path) == tmp_path / wheel.file


def test_a_wheel_is_fetched_whole_or_not_at_all(tmp_path, monkeypatch):
    wheel = written(tmp_path)
    content, told = (tmp_path / wheel.file).read_bytes(), []

    def pip(command, **how):
        told.append(command)
        (Path(command[-1]) / wheel.file).write_bytes(content)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(wheels.subprocess, "run", pip)
    folder = tmp_path / "new"
    assert fetched_wheel(wheel, folder).read_bytes() == content
    assert told[0][2:5] == ["pip", "download", "--no-deps"]
    assert [path.name for path in folder.iterdir()] == [wheel.file]
    other = replace(wheel, sha256="0" * 64)
    with pytest.raises(NotFetched, match="must have the sha256 0000"):
        fetched_wheel(other, tmp_path / "third")
    assert list((tmp_path / "third").iterdir()) == []


def test_what_cannot_be_fetched_is_named_with_its_command(tmp_path, monkeypatch):
    def pip(command, **how):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no network\n")

    monkeypatch.setattr(wheels.subprocess, "run", pip)
    with pytest.raises(NotFetched, match=r"words \(1 MB, MIT\).*no network") as said:
        fetched_wheel(ASKED, tmp_path / "folder")
    assert "pip download --no-deps" in str(said.value)
    assert "words==1.0" in str(said.value)


def test_a_changed_wheel_is_refused(tmp_path):
    wheel = written(tmp_path)
    (tmp_path / wheel.file).write_bytes(b"cut short")
    with pytest.raises(NotFetched, match="delete it"):
        fetched_wheel(wheel, tmp_path)
