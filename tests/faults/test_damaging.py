"""The short form: every kind of damage once; and the harness sees what it should."""

import json
import os
import time

import pytest

from faults import damages, damaging
from faults.damaging import OUTCOMES, patience, run, same
from faults.grid import small_grid
from saecore.book.tested import failures
from saecore.zoo.artefact import folder_of
from saecore.zoo.store import Zoo

KINDS = len(damages.BY_CHANCE) + len(damages.FORGED)


def test_every_kind_of_damage_is_refused_with_a_sentence(tmp_path):
    found = run(tmp_path, trials=KINDS, seed=7)
    assert failures("damages", found) == []
    assert len(found["rows"]) == KINDS


@pytest.mark.slow
def test_a_thousand_damages_are_refused_with_a_sentence(tmp_path):
    assert failures("damages", run(tmp_path, trials=1200, seed=1)) == []


@pytest.mark.parametrize(
    ("careless", "outcome"),
    [
        (lambda zoo, recipe: zoo._open(recipe), OUTCOMES[2]),
        (lambda zoo, recipe: 1 / 0, OUTCOMES[4]),
        (
            lambda zoo, recipe: (folder_of(zoo.root, recipe) / "pipe").open(),
            OUTCOMES[3],
        ),
        (lambda zoo, recipe: None, OUTCOMES[4]),  # without a sentence
    ],
)
def test_a_careless_zoo_is_found_out(tmp_path, monkeypatch, careless, outcome):
    grid, root = small_grid(tmp_path), tmp_path / "zoo"
    recipe = grid.recipes[-1]
    before = grid.zoo(root).get(recipe)
    folder = folder_of(root, recipe)
    os.mkfifo(folder / "pipe")
    note = json.loads((folder / "recipe.json").read_text())
    note["made"]["seconds"] = -1
    (folder / "recipe.json").write_text(json.dumps(note))
    monkeypatch.setattr(Zoo, "find", careless)
    monkeypatch.setattr(damaging, "PATIENCE", 0.3)
    assert damaging.tried(grid, root, recipe, before, "x").outcome == outcome


def test_what_takes_too_long_is_ended():
    with pytest.raises(TimeoutError), patience(0.05):
        time.sleep(10)


def test_two_readings_are_the_same_only_to_the_bit(tmp_path):
    grid = small_grid(tmp_path)
    rows = grid.zoo(tmp_path / "zoo").get(grid.recipes[0])
    other = rows.clone()
    assert same(other, rows)
    other[0, 0] += 1e-6
    assert not same(other, rows)
