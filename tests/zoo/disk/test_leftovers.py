"""What killed runs left is removed, what somebody is making is not."""

import os

import pytest
from filelock import FileLock

from saecore.zoo.disk.leftovers import LOCKS, removed, swept


@pytest.mark.parametrize("kind", ["folder", "file", "link", "pipe", "nothing"])
def test_whatever_has_the_name_is_removed_and_not_what_it_leads_to(tmp_path, kind):
    path, other = tmp_path / "x", tmp_path / "other"
    other.mkdir()
    (other / "kept").write_text("kept")
    if kind == "folder":
        path.mkdir()
        (path / "in it").symlink_to(other)
    elif kind == "file":
        path.write_text("x")
    elif kind == "link":
        path.symlink_to(other)
    elif kind == "pipe":
        os.mkfifo(path)
    removed(path)
    assert not os.path.lexists(path)
    assert (other / "kept").read_text() == "kept"


def test_only_parts_whose_lock_is_free_are_swept(tmp_path):
    (tmp_path / LOCKS).mkdir()
    for name in ("left", "made", "v1.5-left"):
        (tmp_path / f".{name}.7.part").mkdir()
        (tmp_path / f".{name}.7.part" / "half").write_text("half")
    (tmp_path / ".left.8.old").write_text("old")
    for name in ("whole", ".hidden", ".notes.part"):
        (tmp_path / name).mkdir()
    with FileLock(tmp_path / LOCKS / "made.lock"):
        swept(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {LOCKS, "whole", ".hidden", ".notes.part", ".made.7.part"}
