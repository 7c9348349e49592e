"""An artefact on disk: whole or not at all, under a lock, checked when it is read."""

import json
import threading

import pytest

from saecore.errors import ZooError
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.zoo import artefact
from saecore.zoo.artefact import Damaged, folder_of, locked, verified, write

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
    assert note["files"] == {"x": artefact.checksum(folder / "x")}
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
            "another recipe",
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
