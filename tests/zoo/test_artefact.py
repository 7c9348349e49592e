"""An artefact on disk: whole or not at all, under a lock, checked when it is read."""

import json
import os
import threading

import pytest

from saecore.errors import ZooError
from saecore.recipes.sae import SAERecipe
from saecore.source.rows_file import RowsFile
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.zoo import artefact
from saecore.zoo.artefact import folder_of, locked, write
from saecore.zoo.disk.note import Damaged, checksum, verified

RECIPE = SAERecipe(Site(World(seed=1)), "topk", 64, 3)


@pytest.fixture
def folder(tmp_path):
    """Where the artefact goes; the folder above it is there."""
    found = folder_of(tmp_path, RECIPE)
    found.parent.mkdir(parents=True)
    return found


def fill(part):
    """An artefact of one file."""
    (part / "x").write_text("content")
    return {"seconds": 1.5}


def test_the_folder_is_called_by_kind_slug_and_key(tmp_path) -> None:
    assert (
        folder_of(
            tmp_path,
            RECIPE,
        )
        == tmp_path / "saes" / f"{RECIPE.slug}-{RECIPE.key[:12]}"
    )


def test_what_is_written_is_verified_with_what_was_noted(folder) -> None:
    write(folder, RECIPE, fill, size=7)
    note = verified(folder, RECIPE)
    assert note["made"] == {"seconds": 1.5}
    assert note["files"] == {"x": checksum(folder / "x")}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_failure_on_the_way_leaves_nothing(folder) -> None:
    def broken(part):
        fill(part)
        raise ZooError("no")

    with pytest.raises(ZooError):
        write(folder, RECIPE, broken, size=7)
    assert list(folder.parent.iterdir()) == []


def test_a_damaged_one_is_replaced(folder) -> None:
    folder.mkdir()
    (folder / "left over").write_text("?")
    write(folder, RECIPE, fill, size=7)
    assert sorted(path.name for path in folder.iterdir()) == ["recipe.json", "x"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / "x").write_text("Content"), "its sha256 differs"),
        (lambda f: (f / "x").unlink(), "is missing"),
        (lambda f: (f / "recipe.json").write_text("["), "cannot be read"),
        (
            lambda f: (f / "recipe.json").write_text('{"key": "", "files": {}}'),
            "cannot be read",
        ),
    ],
)
def test_every_damage_is_seen(folder, damage, said) -> None:
    write(folder, RECIPE, fill, size=7)
    damage(folder)
    with pytest.raises(Damaged, match=said):
        verified(folder, RECIPE)


def test_the_note_describes_the_recipe(folder) -> None:
    write(folder, RECIPE, fill, size=7)
    note = json.loads((folder / "recipe.json").read_text())
    assert note["key"] == RECIPE.key
    assert note["recipe"]["class"] == "SAERecipe"


def test_a_name_that_leads_elsewhere_is_no_name_of_a_folder(tmp_path) -> None:
    outside = Site(RowsFile("/../../x", rows=5, d_model=3))
    with pytest.raises(ValueError, match="must be the name of a folder"):
        folder_of(tmp_path, outside)


@pytest.mark.parametrize("in_the_way", ["file", "link", "dangling link", "pipe"])
def test_what_is_no_folder_is_replaced_and_nothing_is_left(
    folder, tmp_path, in_the_way
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_text("kept")
    if in_the_way == "file":
        folder.write_text("?")
    elif in_the_way == "pipe":
        os.mkfifo(folder)
    else:
        to = "elsewhere" if in_the_way == "link" else "nowhere"
        folder.symlink_to(tmp_path / to)
    write(folder, RECIPE, fill, size=7)
    verified(folder, RECIPE)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert (tmp_path / "elsewhere" / "kept").read_text() == "kept"


@pytest.mark.parametrize("name", [".locks", "."])
def test_where_no_lock_can_be_written_the_sentence_says_what_to_do(
    folder, name
) -> None:
    if name == ".":
        folder.parent.rmdir()
    (folder.parent / name).write_text("in the way")
    with pytest.raises(ZooError, match="set SAECORE_ZOO to a folder"), locked(folder):
        pass


def test_a_lock_holds_back_the_next_until_it_is_free(folder) -> None:
    order: list[str] = []

    def second() -> None:
        with locked(folder):
            order.append("second")

    with locked(folder):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_seconds_are_those_of_the_cpu() -> None:
    before = artefact.cpu_seconds()
    sum(range(3_000_000))
    assert 0 < artefact.cpu_seconds() - before < 60
