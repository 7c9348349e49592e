"""The Snakefile: its dry run lists the right jobs, its profile takes time and memory
from the recipes.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from saecore.scale.sweep import FIELDS
from tests.scale.conftest import ROOT

SWEEP = """
[[sae]]
model = "world"
width = [32, 64]
seed = [0, 1]
rows = 2048
[[sae]]
model = "world"
width = 16
rows = 2048
shards = 2
[[sae]]
model = "world"
width = 48
rows = 2048
device = "cuda"
"""


@pytest.fixture
def dry(snakemake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A dry run of a sweep: its plan, and what was said."""
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    (tmp_path / "some sweep.toml").write_text(SWEEP)
    config = [f"sweep={tmp_path}/some sweep.toml", f"folder={tmp_path}/batch"]
    config += [f"python={sys.executable}", "bundle=0"]
    command = [snakemake, "-s", str(ROOT / "workflow" / "Snakefile"), "-n"]
    done = subprocess.run(
        [*command, "--config", *config], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    plan = json.loads((tmp_path / "batch" / "some sweep" / "plan.json").read_text())
    return plan, done.stdout + done.stderr


def test_a_dry_run_lists_every_job_with_its_recipes_time_and_memory(dry):
    plan, said = dry
    rules = {
        ("cpu", 1): "make_on_cpu",
        ("cpu", 2): "make_sharded_on_cpu",
        ("cuda", 1): "make_on_gpu",
    }
    assert len(plan["jobs"]) == 5
    for name, job in plan["jobs"].items():
        rule = rules[job["device"], job["shards"]]
        block = re.search(
            rf"rule {rule}:(?:(?!\nrule ).)*?{name}.*?\n\n", said + "\n\n", re.S
        )
        assert block, (name, said)
    listed = re.findall(r"wildcards: job=(\S+)\n(.*?)(?=\n\[|\nrule|\Z)", said, re.S)
    assert {name for name, _ in listed} == set(plan["jobs"])
    for name, rest in listed:
        job = plan["jobs"][name]
        assert f"mem_mb={job['memory_mb']}," in rest
        assert re.search(rf"runtime={job['minutes']}\b", rest)


def test_the_profile_names_rules_that_there_are_and_needs_no_accounting():
    yaml = pytest.importorskip("yaml")
    profile = ROOT / "workflow" / "profiles" / "slurm" / "config.yaml"
    said = yaml.safe_load(profile.read_text())
    rules = re.findall(
        r"\brule (\w+)(?:.* as (\w+))?", (profile.parents[2] / "Snakefile").read_text()
    )
    names = {second or first for first, second in rules}
    assert set(said["set-resources"]) <= names
    assert (said["executor"], said["slurm-status-command"]) == ("slurm", "squeue")


def test_the_page_names_the_fields_of_a_sweep_that_there_are():
    page = (ROOT / "book" / "scale.md").read_text()
    block = re.search(r"\[\[sae\]\]\n(.*?)```", page, re.S)
    assert block
    keys = set(re.findall(r"^(\w+) =", block.group(1), re.M))
    assert keys - {"model", "layer"} <= set(FIELDS)
