"""The note: every change of it and of the files beside it is seen."""

import errno
import json
import os
import random

import pytest

from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.zoo.disk.note import (
    NOTE,
    Damaged,
    is_damage,
    is_plain,
    note_text,
    read_note,
    verified,
)

RECIPE = SAERecipe(Site(World(seed=1)), "topk", 64, 3)
MADE = {"seconds": 1.5, "log": [{"l0": 3.0, "silent": 2}], "l0": float("nan")}


@pytest.fixture
def folder(tmp_path):
    """An artefact of two files."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    files = [tmp_path / "a", tmp_path / "b"]
    (tmp_path / NOTE).write_text(note_text(RECIPE, files, MADE))
    return tmp_path


def changed(folder, **fields) -> None:
    """The note with other fields (None: left out)."""
    note = json.loads((folder / NOTE).read_text()) | fields
    note = {name: value for name, value in note.items() if value is not None}
    (folder / NOTE).write_text(json.dumps(note))


def test_what_was_noted_is_read(folder):
    note = verified(folder, RECIPE)
    assert note["made"]["log"] == MADE["log"]
    assert set(note["files"]) == {"a", "b"}


def test_a_note_from_before_there_was_a_digest_is_read(folder):
    changed(folder, digest=None)
    assert verified(folder, RECIPE)["made"]["seconds"] == 1.5


@pytest.mark.parametrize(
    "fields",
    [
        {"made": {"seconds": 2.5}},
        {"digest": "0"},
        {"digest": None, "digesU": "0"},
        {"files": {}},
        {"digest": None, "files": {}},
        {"digest": None, "made": [1]},
        {"build": None},
    ],
)
def test_a_changed_note_is_damage(folder, fields):
    changed(folder, **fields)
    with pytest.raises(Damaged):
        read_note(folder)


def test_no_flipped_bit_of_a_note_changes_what_is_read(folder):
    whole, said = (folder / NOTE).read_bytes(), read_note(folder)
    draw = random.Random(0)
    for _ in range(300):
        bits = bytearray(whole)
        bits[draw.randrange(len(bits))] ^= 1 << draw.randrange(8)
        (folder / NOTE).write_bytes(bits)
        try:
            found = read_note(folder)
        except Damaged:
            continue
        assert {**found, "digest": ""} | {"made": ""} == {**said, "digest": ""} | {
            "made": ""
        }
        assert repr(found["made"]) == repr(said["made"])


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{", '"x"', "null", "", '{"key": 1e999}', "\x00\xff"]
)
def test_text_that_is_no_note_is_damage(folder, text):
    (folder / NOTE).write_text(text)
    with pytest.raises(Damaged):
        read_note(folder)


def test_another_recipe_is_damage(folder):
    with pytest.raises(Damaged, match="another recipe"):
        verified(folder, RECIPE.site)


def test_files_that_are_links_or_pipes_or_too_many_are_damage(folder):
    for spoil in (
        lambda: (folder / "c").write_text("not noted"),
        lambda: ((folder / "c").unlink(), (folder / "a").unlink()),
        lambda: (folder / "a").symlink_to("b"),
        lambda: ((folder / "a").unlink(), os.mkfifo(folder / "a")),
    ):
        spoil()
        with pytest.raises(Damaged):
            verified(folder, RECIPE)


def test_a_pipe_or_a_device_in_the_place_of_the_note_is_not_read(folder):
    (folder / NOTE).unlink()
    os.mkfifo(folder / NOTE)
    with pytest.raises(Damaged):
        read_note(folder)
    (folder / NOTE).unlink()
    (folder / NOTE).symlink_to("/dev/zero")
    with pytest.raises(Damaged):
        read_note(folder)


def test_hidden_files_of_other_programs_do_no_harm(folder):
    (folder / ".DS_Store").write_text("?")
    assert verified(folder, RECIPE)


def test_only_files_are_plain(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("file")
    plain = {
        name for name in ("file", "link", ".", "none") if is_plain(tmp_path / name)
    }
    assert plain == {"file"}


def test_permissions_and_failing_disks_are_no_damage():
    for number in (errno.EACCES, errno.EMFILE, errno.EIO):
        assert not is_damage(OSError(number, os.strerror(number)))
    assert not is_damage(MemoryError())
    assert is_damage(OSError(errno.ENOENT, "gone"))
    assert is_damage(TypeError("whatever"))
