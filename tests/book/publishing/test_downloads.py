"""What readers take away: notebooks that know their package, scripts that run."""

import ast
from pathlib import Path

import nbformat
import pytest

from saecore.book import notebooks
from saecore.book.portable import INSTALL, INSTALL_ID
from saecore.book.publishing.addresses import Published
from saecore.book.publishing.downloads import addressed, script, written

STATED = "https://example.github.io/book"
ROOT = Path(__file__).parents[3]
KNOWN = Published("https://github.com/alice/fork", "https://alice.github.io/fork")


@pytest.fixture
def page():
    cells = [
        nbformat.v4.new_markdown_cell(f"# Title\n[page]({STATED}/x.html)", id="a"),
        nbformat.v4.new_code_cell(INSTALL, id=INSTALL_ID),
        nbformat.v4.new_code_cell("total = 1 + 1", id="b"),
    ]
    made = nbformat.v4.new_notebook(cells=cells)
    made.nbformat_minor = 5
    return made


@pytest.fixture
def checkout(tmp_path, page):
    """A checkout with one portable page and one for students."""
    (tmp_path / "_config.yml").write_text(f"html:\n  baseurl: {STATED}/\n")
    for name in ("one.ipynb", "student/one.ipynb"):
        path = tmp_path / "book" / "portable" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        notebooks.write(page, path)
    return tmp_path


def test_the_install_cell_names_the_repository_and_the_wheel_of_the_fork(page):
    made = addressed(page, KNOWN, "one.ipynb", STATED)
    cell = made.cells[1].source
    assert f'saecore[worlds] @ {KNOWN.wheel}"' in cell
    assert '"SAECORE_REPOSITORY"] = "https://github.com/alice/fork"' in cell
    assert made.metadata["colab"] == {"name": "one.ipynb", "provenance": []}
    assert f"[page]({KNOWN.site}/x.html)" in made.cells[0].source
    assert "accelerator" not in made.metadata
    assert page.cells[1].source == INSTALL
    nbformat.validate(made)


def test_ipython_can_read_the_install_cell(page):
    from IPython.core.inputtransformer2 import TransformerManager

    cell = addressed(page, KNOWN, "one.ipynb", STATED).cells[1].source
    parsed = ast.parse(TransformerManager().transform_cell(cell))
    installs = next(node for node in parsed.body if isinstance(node, ast.If))
    assert "find_spec" in ast.unparse(installs.test)
    assert "pip" in ast.unparse(installs)


def test_without_a_publisher_the_pages_stay_as_they_are(checkout, page, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    made = notebooks.read(written(checkout, checkout / "out") / "one.ipynb")
    assert made == page


def test_a_script_is_python_without_the_install_cell(page):
    text = script(page)
    assert "find_spec" not in text
    found = {}
    exec(compile(text, "one.py", "exec"), found)
    assert found["total"] == 2


def test_every_notebook_is_written_with_its_script_and_old_ones_are_gone(
    checkout, monkeypatch
):
    monkeypatch.setenv("GITHUB_REPOSITORY", "alice/fork")
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
    monkeypatch.delenv("SAECORE_SITE", raising=False)
    folder = checkout / "out"
    folder.mkdir()
    (folder / "old.ipynb").write_text("{}")
    assert written(checkout, folder) == folder
    found = {str(p.relative_to(folder)) for p in folder.rglob("*.*")}
    assert found == {"one.ipynb", "one.py", "student/one.ipynb", "student/one.py"}
    assert KNOWN.wheel in (folder / "student" / "one.ipynb").read_text()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "book" / "portable").glob("*.ipynb")), ids=lambda p: p.stem
)
def test_every_committed_page_has_the_cell_and_becomes_a_script(path):
    page = notebooks.read(path)
    assert [c.source for c in page.cells if c.get("id") == INSTALL_ID] == [INSTALL]
    ast.parse(script(page))
