"""The workflows are valid, run the commands that exist, and know no repository."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from saecore.__main__ import COMMANDS
from saecore.arguments import parser
from saecore.book.publishing.downloads import INSTALL_FROM
from saecore.packs.release import PACK_FILE

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SAID = re.compile(r"-m saecore ([^\n|>&]+)")


def steps(path):
    """Every step of a workflow, with the name of its job."""
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    return [(name, step) for name, job in jobs.items() for step in job["steps"]]


def test_there_are_three():
    assert [path.stem for path in WORKFLOWS] == ["publish", "test", "weekly"]


def test_they_are_valid_by_the_schema_of_github():
    asked = ["--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)]
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *asked],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_workflow_would_be_found(tmp_path):
    wrong = tmp_path / "wrong.yml"
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    wrong.write_text(text.replace("runs-on", "run-on"))
    asked = ["--builtin-schema", "vendor.github-workflows", str(wrong)]
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *asked], capture_output=True
    )
    assert done.returncode == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_command_that_they_run_can_be_said(path):
    scripts = [step["run"] for _, step in steps(path) if "run" in step]
    for script in scripts:
        for line in SAID.findall(script):
            assert parser(COMMANDS).parse_args(line.split())
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for target in re.findall(r"^make ([\w-]+)", script, re.M):
            assert f"\n{target}: " in makefile


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_file_of_a_fork_has_to_be_edited(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"example/|github\.com/\w", text)


def test_the_test_runs_the_two_commands_on_every_python():
    workflow = yaml.safe_load(WORKFLOWS[1].read_text(encoding="utf-8"))
    assert workflow["jobs"]["book"]["strategy"]["matrix"]["python"] == [
        "3.11",
        "3.12",
        "3.13",
    ]
    runs = [step["run"] for _, step in steps(WORKFLOWS[1]) if "run" in step]
    assert runs[1:] == ["make book", "make test"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_whoever_tests_the_built_site_has_chromium_before(path):
    runs = [step["run"] for _, step in steps(path) if "run" in step]
    for place, run in enumerate(runs):
        if re.search(r"^make test|make test-slow", run, re.M):
            assert any("install -y chromium" in one for one in runs[:place])


def test_caches_and_logs_of_a_run_that_failed_are_kept():
    for path in WORKFLOWS[:2]:
        uses = {step["uses"]: step for _, step in steps(path) if "uses" in step}
        assert uses["actions/cache/save@v4"]["if"].startswith("always()")
        assert uses["actions/upload-artifact@v4"]["if"] == "failure()"


def test_a_release_has_what_its_notes_and_the_notebooks_name():
    text = WORKFLOWS[0].read_text(encoding="utf-8")
    notes = (ROOT / ".github" / "release_notes.md").read_text(encoding="utf-8")
    for name in (PACK_FILE, "notebooks.zip", "site.zip", "versions.json"):
        assert f"`{name}`" in notes
        assert name in text
    assert "--from release" in INSTALL_FROM


def test_zenodo_names_the_four_papers_and_the_licence_of_the_citation():
    stated = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert stated["title"] == citation["title"]
    papers = {one["identifier"] for one in stated["related_identifiers"]}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {f"arXiv:{n}" for n in re.findall(r"arxiv\.org/abs/([\d.]+)", readme)} == (
        papers
    )


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_binder_may_run_its_scripts(name):
    path = ROOT / name
    assert path.stat().st_mode & 0o111
    done = subprocess.run(["bash", "-n", str(path)], capture_output=True)
    assert done.returncode == 0
    for line in SAID.findall(path.read_text(encoding="utf-8")):
        assert parser(COMMANDS).parse_args(line.split())
