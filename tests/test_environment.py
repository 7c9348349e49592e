"""One place states what the book needs; everything else agrees with it."""

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PIN = re.compile(r"(?P<name>[\w-]+)(?:\[\w+\])?==(?P<version>[\w.]+)")
PINS = {
    pin["name"]: pin["version"]
    for extra in ("book", "dev")
    for line in EXTRAS[extra]
    if (pin := PIN.fullmatch(line))
}


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("name", PINS)
def test_what_is_installed_is_what_is_pinned(name):
    assert metadata.version(name).split("+")[0] == PINS[name]


def test_everything_that_decides_a_number_or_a_lint_is_pinned_exactly():
    loose = {re.split(r"[<>=\[]", line)[0] for line in EXTRAS["book"] + EXTRAS["dev"]} - set(PINS)
    assert loose == {"jupyter-book", "pre-commit"}
    assert {"torch", "sae-lens", "numpy", "scipy", "scikit-learn", "ruff", "pyright"} <= set(PINS)


def test_the_pins_lie_within_the_bounds_of_the_package():
    from packaging.requirements import Requirement

    for line in PROJECT["dependencies"]:
        need = Requirement(line)
        if need.name in PINS:
            assert need.specifier.contains(PINS[need.name]), line


def test_the_conda_environment_is_that_of_pyproject():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    wanted = conda["dependencies"]
    assert "python=3.11" in wanted
    assert f"pytorch-cpu={PINS['torch']}" in wanted
    assert {"pip": ["-e .[book]"]} in wanted


def test_make_installs_the_pinned_torch_first_and_alone():
    done = make("-n", "environment", "VENV=/nowhere/venv", f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stderr
    first, second = re.findall(r"pip install -qq +([^&]+?) &&", done.stdout)
    assert first == f"torch=={PINS['torch']}"
    assert second == '-e ".[book,dev]"'


@pytest.mark.parametrize("python", ["python9", "/nowhere/python3.11", "false"])
def test_a_missing_python_is_one_sentence(python):
    done = make("environment", "VENV=/nowhere/venv", f"PYTHON={python}")
    assert done.returncode != 0
    said = done.stderr.splitlines()[0]
    assert said == (
        f'make: the book needs Python 3.11, but "{python}" is not it: '
        "install Python 3.11 or say make PYTHON=/path/to/python3.11"
    )


def test_continuous_integration_runs_exactly_the_two_commands():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"^make .*", script, re.M) == ["make book", "make test"]
    assert "set -euo pipefail" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    workflow = (ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    assert re.findall(r"run: (make \w+)", workflow) == ["make book", "make test"]


def test_the_citation_names_the_version_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == metadata.version("saecore")
