"""The pages of the last run stand for another one only if nothing has changed."""

import platform
import subprocess
from importlib import metadata

import nbformat
import pytest

from saecore.book import provenance
from saecore.book.checking import just_run
from saecore.book.checking.just_run import FOLDER


def git(root, *words):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A repository of one file, whose one page was run."""
    monkeypatch.setattr(just_run, "made_of_others", lambda facts: [])
    (tmp_path / ".gitignore").write_text("_build\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    cell = nbformat.v4.new_code_cell("1 + 1")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="2")]
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("#"), cell])
    (tmp_path / FOLDER).mkdir(parents=True)
    nbformat.write(page, tmp_path / FOLDER / "small.ipynb")
    provenance.write(facts(tmp_path), tmp_path / FOLDER / "provenance.json")
    return tmp_path


def facts(root):
    return {
        "profile": "tiny",
        "world_seed": 0,
        "commit": provenance.commit(root),
        "python": platform.python_version(),
        "packages": {"torch": metadata.version("torch")},
        "artefacts": {"small": "digest"},
    }


def test_what_a_page_gave_is_known_by_place_and_source(root):
    found = just_run.just_run(root)
    assert list(found) == ["small.ipynb"]
    (outputs,) = found["small.ipynb"].values()
    assert list(found["small.ipynb"]) == [just_run.place_of(0, "1 + 1")]
    assert outputs[0].text == "2"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"commit": "0123456789"}, "the code"),
        ({"commit": ""}, "the code"),
        ({"world_seed": 7}, "the sizes"),
        ({"profile": "smollm2"}, "the sizes"),
        ({"python": "3.10.1"}, "Python"),
        ({"packages": {"torch": "1.0"}}, "packages"),
        ({"artefacts": {}}, "the SAEs"),
    ],
)
def test_a_run_of_anything_else_does_not_stand_for_one(root, change, why):
    other = facts(root) | change
    assert just_run.why_not(other, root) == why
    provenance.write(other, root / FOLDER / "provenance.json")
    assert just_run.just_run(root) == {}


def test_neither_does_one_of_changed_files_or_of_other_saes(root, monkeypatch):
    (root / ".gitignore").write_text("_build\n# changed\n")
    assert just_run.why_not(facts(root), root) == "the code"
    git(root, "commit", "-qam", "two")
    assert just_run.just_run(root) == {}
    assert just_run.why_not(facts(root), root) == ""
    monkeypatch.setattr(just_run, "made_of_others", lambda facts: ["small"])
    assert just_run.why_not(facts(root), root) == "the SAEs"


def test_without_a_run_there_is_nothing(tmp_path):
    assert just_run.just_run(tmp_path) == {}
