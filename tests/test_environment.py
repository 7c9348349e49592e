"""One place states what the book needs; everything else agrees with it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from saecore.claims.published_matchings.tables import stored_file
from saecore.report.paths import claims_file, seeds_file

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
EXTRAS = PROJECT["optional-dependencies"]
PIN = re.compile(r"(?P<name>[\w-]+)(?:\[\w+\])?==(?P<version>[\w.]+)")
PINS = {
    pin["name"]: pin["version"]
    for extra in ("book", "dev")
    for line in EXTRAS[extra]
    if (pin := PIN.fullmatch(line))
}


def make(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("MAKE")
    }
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize("name", PINS)
def test_what_is_installed_is_what_is_pinned(name):
    assert metadata.version(name).split("+")[0] == PINS[name]


def test_everything_that_decides_a_number_or_a_lint_is_pinned_exactly():
    loose = {
        re.split(r"[<>=\[]", line)[0] for line in EXTRAS["book"] + EXTRAS["dev"]
    } - set(PINS)
    assert loose == {"jupyter-book", "pre-commit"}
    assert {
        "torch",
        "sae-lens",
        "numpy",
        "scipy",
        "scikit-learn",
        "ruff",
        "pyright",
    } <= set(PINS)


def test_the_pins_lie_within_the_bounds_of_the_package():
    from packaging.requirements import Requirement

    for line in PROJECT["dependencies"] + EXTRAS["worlds"]:
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
    done = make("-n", "environment", "VENV=/nowhere/venv")
    assert done.returncode == 0, done.stderr
    first, second = re.findall(
        r"pip install -qq --no-compile +([^&]+?) &&", done.stdout
    )
    assert first == f"torch=={PINS['torch']}"
    assert second == '-e ".[book,dev]"'


def test_make_bench_adds_the_pinned_peers_after_the_pinned_torch():
    done = make("-n", "bench", "PEERS=/nowhere/peers")
    assert done.returncode == 0, done.stderr
    assert "benchmarks/run.py" in done.stdout
    stated = (ROOT / "benchmarks" / "requirements.txt").read_text(encoding="utf-8")
    peers = [line for line in stated.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in peers)
    first, second = re.findall(r"pip install -qq +([^&]+?) &&", done.stdout)
    assert first == f"torch=={PINS['torch']}"
    assert second == '-e ".[book]" -r benchmarks/requirements.txt'


HOSTILE = [
    "a b",
    "it's",
    'x"; touch made; echo "',
    "made )",
    "$(touch made)",
    "$$(touch made)",
    "$(shell touch made)",
    "`touch made`",
    "x; touch made #",
    "a,b",
    "\\",
]


@pytest.fixture
def stub(tmp_path):
    """An environment whose python writes its arguments, one a line, and a copy of the
    Makefile beside it.
    """
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >> arguments\n')
    python.chmod(0o755)
    stated = subprocess.check_output(
        "cksum < pyproject.toml", shell=True, text=True, cwd=tmp_path
    )
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (tmp_path / ".venv" / f"ready-{minor}-{stated.split()[0]}").touch()
    return tmp_path


@pytest.mark.parametrize("name", ["PROFILE", "WORLD_SEED"])
@pytest.mark.parametrize("text", HOSTILE)
def test_the_name_of_a_folder_is_text_to_make_and_to_the_shell(stub, name, text):
    before = set(stub.iterdir())
    done = make("zoo", f"{name}={text}", cwd=stub)
    assert done.returncode == 0, done.stderr
    assert set(stub.iterdir()) - before == {stub / "arguments"}
    said = {"PROFILE": "tiny", "WORLD_SEED": "0"} | {name: text}
    wanted = ["zoo", "--profile", said["PROFILE"], "--world-seed", said["WORLD_SEED"]]
    assert (stub / "arguments").read_text().splitlines() == ["-m", "saecore", *wanted]


def test_the_committed_pages_are_those_of_the_shipped_model(stub):
    assert make("pages", "PROFILE=other", cwd=stub).returncode == 0
    said = (stub / "arguments").read_text().split()
    assert said == [
        "-m",
        "saecore",
        "zoo",
        "--profile",
        "tiny",
        "--world-seed",
        "0",
        "-m",
        "saecore",
        "pages",
    ]


@pytest.mark.parametrize("python", ["python9", "/nowhere/python3.11", "false"])
def test_a_missing_python_is_one_sentence(python):
    done = make("environment", "VENV=/nowhere/venv", f"PYTHON={python}")
    assert done.returncode != 0
    said = done.stderr.splitlines()[0]
    assert said == (
        f'make: the book needs Python 3.11, 3.12 or 3.13, but "{python}" is none of '
        "them: install one or say make PYTHON=/path/to/python3.12"
    )


@pytest.fixture
def pythons(tmp_path):
    """(version, ...) -> a path with a Python of each, that prints its version."""

    def made(*versions):
        for version in versions:
            fake = tmp_path / "bin" / f"python{version}"
            fake.parent.mkdir(exist_ok=True)
            fake.write_text(f"#!/bin/sh\necho {version}\n")
            fake.chmod(0o755)
        for tool in ("make", "sh", "cksum", "sed", "cat", "date"):
            (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
        return str(tmp_path / "bin")

    return made


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (("3.12", "3.11", "3.13"), "python3.11"),
        (("3.13", "3.12"), "python3.12"),
        (("3.13", "3.14"), "python3.13"),
    ],
)
def test_make_takes_the_first_python_that_is_there(pythons, there, taken):
    path = pythons(*there)
    done = subprocess.run(
        ["make", "-n", "environment", "VENV=/nowhere/venv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PATH": path},
    )
    assert done.returncode == 0, done.stderr
    assert f"{taken} -m venv  /nowhere/venv" in done.stdout
    assert f"/nowhere/venv/ready-{taken.removeprefix('python')}-" in done.stdout


@pytest.mark.parametrize("ours", [True, False])
def test_only_an_environment_that_make_made_is_cleared(ours, tmp_path):
    (tmp_path / "bin").mkdir()
    if ours:
        (tmp_path / "ready-3.10-1").touch()
    done = make("-n", "environment", f"VENV={tmp_path}")
    assert done.returncode == 0, done.stderr
    assert (f"-m venv --clear {tmp_path}" in done.stdout) is ours


def test_a_python_that_is_too_new_is_refused(pythons):
    done = make("environment", f"PYTHON={pythons('3.14')}/python3.14", "VENV=/nowhere")
    assert done.returncode != 0
    assert "3.11, 3.12 or 3.13" in done.stderr.splitlines()[0]


def test_continuous_integration_runs_exactly_the_two_commands():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"^make .*", script, re.M) == ["make book", "make test"]
    assert "set -euo pipefail" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_citation_names_the_version_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == metadata.version("saecore")


def test_what_pages_read_of_the_book_is_in_the_wheel_where_it_is_looked_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wheel = tomllib.loads(text)["tool"]["hatch"]["build"]["targets"]["wheel"]
    book = claims_file().parent
    read = {path: path.relative_to(book) for path in (claims_file(), seeds_file())}
    results = (
        stored_file().parent,
        book / "results" / "seeds",
        book / "results/models",
    )
    read |= {path: path.relative_to(book) for path in results}
    for path, place in read.items():
        assert path.exists()
        source = str(path.relative_to(ROOT))
        assert wheel["force-include"][source] == f"saecore/report/{place}"
