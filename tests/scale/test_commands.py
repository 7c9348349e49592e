"""`saecore batch`: made once, whoever asks; a table of what there is."""

import json

import pytest

from saecore.__main__ import main
from saecore.errors import MissedSparsity
from saecore.profiles import read
from saecore.recipes.keys import key
from saecore.scale import commands
from saecore.scale.commands import make_jobs, table_of_made, write_plan
from saecore.zoo.artefact import folder_of
from saecore.zoo.store import Zoo


@pytest.fixture(autouse=True)
def kernels_are_named(monkeypatch):
    """As the plan of these tests does; nothing is left behind in the environment."""
    monkeypatch.setenv("SAECORE_KERNELS", "blas")


def test_jobs_are_made_by_name_or_key_and_once(planned, filed, capsys):
    file, plan = planned
    zoo, recipe = filed
    seeds = recipe.sweep(seed=[0, 1])
    assert main(["batch", "make", str(file), key(seeds[0])[:12]]) == 0
    assert "made" in capsys.readouterr().out
    notes = [folder_of(zoo.root, one) / "recipe.json" for one in seeds]
    stamps = [note.stat().st_mtime_ns for note in notes]
    make_jobs(file, list(plan["jobs"]))
    assert [note.stat().st_mtime_ns for note in notes] == stamps
    rows = table_of_made(file)
    assert sorted(row["key"] for row in rows) == sorted(
        one for job in plan["jobs"].values() for one in job["keys"]
    )
    assert (
        main(["batch", "table", str(file), "--out", str(file.parent / "t.json")]) == 0
    )
    assert json.loads((file.parent / "t.json").read_text()) == rows


def test_a_table_says_what_is_missing(planned):
    with pytest.raises(RuntimeError, match="all 4 artefacts of the plan must be there"):
        table_of_made(planned[0])


@pytest.mark.parametrize("said", ["", "saes-", "0123456789abcdef"])
def test_a_job_that_is_none_or_several_is_refused(planned, said):
    with pytest.raises(ValueError, match="its name or the beginning of a key"):
        make_jobs(planned[0], [said])


def test_a_refused_sae_is_noted_and_not_trained_again(planned, monkeypatch):
    file, plan = planned
    (name,) = [n for n, job in plan["jobs"].items() if len(job["keys"]) == 2]
    asked = []

    def refuse(self, recipes):
        asked.append(list(recipes))
        if asked[-1]:
            raise MissedSparsity("its L0 is off")

    monkeypatch.setattr(Zoo, "make", refuse)
    assert make_jobs(file, [name]) == [f"{name}: its L0 is off"] * 2
    assert make_jobs(file, [name]) == [f"{name}: its L0 is off"] * 2
    assert [len(one) for one in asked] == [2, 0]


def test_a_plan_of_a_sweep_forgets_what_is_no_longer_there(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    sweep = tmp_path / "sweep.toml"
    sweep.write_text('[[sae]]\nmodel = "world"\nwidth = [32, 64]\nrows = 2048\n')
    out = tmp_path / "batch" / "plan.json"
    assert "2 of 2 jobs" in write_plan(out, read("tiny"), sweep)
    name = next(iter(json.loads(out.read_text())["jobs"]))
    marker = out.parent / "made" / f"{name}.json"
    marker.parent.mkdir()
    marker.write_text('{"keys": [], "refused": {}}')
    write_plan(out, read("tiny"), sweep)
    assert not marker.exists()


def test_a_plan_of_the_book_knows_its_pages(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    plan = commands._of_book(read("tiny"), 120.0)
    keys = [one for job in plan["jobs"].values() for one in job["keys"]]
    assert len(keys) == len(set(keys)) > 476
    assert plan["pages"]["bench"] == []
    assert set(plan["pages"]["fidelity"]) < set(plan["jobs"])
    assert any(name.startswith("explorers") for name in plan["pages"]["explorer"])
