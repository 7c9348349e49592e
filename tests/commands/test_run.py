"""A page that was run is held against the committed one, if there is one to hold it
against.
"""

import nbformat
import pytest

from saecore import profiles
from saecore.book import notebooks, one_page
from saecore.commands import run
from saecore.commands.run import compared, ran


def stored(path, text):
    output = nbformat.v4.new_output("stream", name="stdout", text=text)
    cell = nbformat.v4.new_code_cell("x", outputs=[output])
    path.parent.mkdir(parents=True, exist_ok=True)
    notebooks.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout whose page, run here, prints 1.5 where the committed one says 1.4."""
    stored(tmp_path / "book" / "notebooks" / "small.ipynb", "share 1.4 of 2")
    page = stored(tmp_path / "made" / "small.ipynb", "share 1.5 of 2")
    monkeypatch.setattr(run, "required_checkout", lambda: tmp_path)
    monkeypatch.setattr(one_page, "run_page", lambda *a, **k: page)
    return tmp_path


def test_the_end_says_how_many_numbers_agree_and_names_the_others(checkout, capsys):
    assert ran("small", profiles.read("tiny")) == 1
    said = capsys.readouterr().out
    assert "1 of 2 numbers agree with the committed page; these do not:" in said
    assert "stored 1.4, rerun 1.5" in said


def test_another_world_is_not_compared(checkout, capsys):
    assert ran("small", profiles.read("tiny", world_seed=7)) == 0
    assert "not compared: the committed pages are those of" in capsys.readouterr().out


def test_a_page_that_was_never_committed_is_not_compared(tmp_path):
    page = stored(tmp_path / "new.ipynb", "1")
    lines, agrees = compared(tmp_path, page, shipped=True)
    assert agrees
    assert "there is no committed new.ipynb yet" in lines[0]
