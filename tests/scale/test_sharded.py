"""A job in shards: stored under the recipe's own key, with a note, and once."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager

import pytest
import torch
import torch.distributed as dist

from saecore.scale.sharded import make_sharded
from saecore.zoo import artefact_kinds
from saecore.zoo.artefact import folder_of
from tests.scale.conftest import ROOT


def torchrun(file, name):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "saecore.scale.sharded"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, str(file), name], env=env, cwd=ROOT, capture_output=True, text=True
    )


@contextmanager
def group_of_one():
    """A group of processes that is this process alone."""
    file = tempfile.mkdtemp() + "/store"
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_a_refused_sae_is_told_and_not_stored(filed, monkeypatch):
    zoo, recipe = filed
    monkeypatch.setattr(artefact_kinds, "SILENT_TOPK", -1.0)
    with group_of_one():
        said = make_sharded(zoo, recipe, device="cpu")
    assert said is not None
    assert "L0 must be within" in said
    assert zoo.find(recipe) is None


def test_an_sae_is_trained_in_two_processes_and_stored_as_its_recipe(planned, filed):
    file, plan = planned
    zoo, recipe = filed
    (name,) = [n for n, job in plan["jobs"].items() if job["shards"] == 2]
    done = torchrun(file, name)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"{name}: made" in done.stdout
    wide = recipe.sweep(width=[32])[0]
    note = folder_of(zoo.root, wide) / "recipe.json"
    made = json.loads(note.read_text())["made"]
    assert made["sharded"] == {"processes": 2, "device": "cpu"}
    sharded, stamp = zoo.get(wide), note.stat().st_mtime_ns
    with group_of_one():
        assert make_sharded(zoo, wide, device="cpu") is None
    assert note.stat().st_mtime_ns == stamp  # nothing is trained twice
    zoo.root = zoo.root.parent / "alone"
    alone = zoo.get(wide)
    assert "sharded" not in alone.log
    for part, weight in alone.weights.items():
        torch.testing.assert_close(sharded.weights[part], weight, rtol=0, atol=1e-4)
    assert made["fvu"] == pytest.approx(alone.log["fvu"], abs=1e-5)
