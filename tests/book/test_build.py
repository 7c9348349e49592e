"""Staging and publishing: what is read is a copy, and what is committed changes only
with its content.
"""

import json
import re
from pathlib import Path

import pytest

from saecore.book import build as pages
from saecore.report.paths import ReportError

CONTENTS = """format: jb-book
root: intro
parts:
  - caption: Claims
    chapters:
      - file: notebooks/first
        sections:
          - file: notebooks/below
      - file: notebooks/second
  - caption: About
    chapters:
      - file: about
"""
FACTS = {
    "profile": "/models/small",
    "world_seed": 2,
    "date": "today",
    "commit": "",
    "python": "3",
    "packages": {},
    "machine": {"processor": "one", "cores": 1, "memory_gb": 1, "system": "none"},
    "notebooks": {},
}


@pytest.fixture
def root(tmp_path) -> Path:
    """A checkout with two sources, one executed page, and a table of contents that
    names three pages.
    """
    for folder in ("book/notebooks", "book/results/tiny", "book/_ext", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "book" / "_toc.yml").write_text(CONTENTS)
    (tmp_path / "book" / "intro.md").write_text("# Hello\n")
    (tmp_path / "book" / "claims.toml").write_text("")
    (tmp_path / "notebooks" / "first.py").write_text("# %%\n1\n")
    (tmp_path / "book" / "notebooks" / "first.ipynb").write_text("{}")
    return tmp_path


def made(folder: Path, **texts: str) -> pages.Pages:
    """A set of freshly executed pages."""
    run = pages.Pages(folder / "run" / "notebooks", folder / "run" / "results")
    (run.results / "tiny").mkdir(parents=True)
    run.notebooks.mkdir()
    for name, text in texts.items():
        (run.notebooks / f"{name}.ipynb").write_text(text)
    (run.notebooks / "provenance.json").write_text(json.dumps({"date": "later"}))
    return run


def test_staging_copies_pages_and_generates_tables_and_leaves_book_alone(root):
    before = {
        path: path.read_bytes() for path in (root / "book").rglob("*") if path.is_file()
    }
    staged = pages.stage(root, pages.committed(root), root / "stage")
    assert (staged / "notebooks" / "first.ipynb").read_text() == "{}"
    assert "has not been run yet" in (staged / "_generated" / "claims.md").read_text()
    assert (
        "No notebook has been run yet"
        in (staged / "_generated" / "provenance.md").read_text()
    )
    assert not (staged / "claims.toml").exists()
    assert before == {
        path: path.read_bytes() for path in (root / "book").rglob("*") if path.is_file()
    }


def test_the_explorer_is_staged_with_its_files_where_the_page_looks_for_them(
    root, explorer
):
    staged = pages.stage(root, pages.committed(root), root / "stage", explorer=explorer)
    included = (staged / "_generated" / "explorer.html").read_text()
    for address in re.findall(r'(?:src|href)="_static/([^"?]*)', included):
        assert (staged / "_assets" / address).is_file(), address
    assert "_static/explorer/explorer.js" in included


def test_a_book_without_an_explorer_says_so_and_how_to_make_it(root):
    staged = pages.stage(root, pages.committed(root), root / "stage")
    said = (staged / "_generated" / "explorer.html").read_text()
    assert "without its explorer" in said
    assert "<code>python -m saecore zoo --only explorer</code>" in said


def test_a_notebook_without_a_source_is_left_out_of_the_staged_contents(root):
    staged = pages.stage(root, pages.committed(root), root / "stage")
    text = (staged / "_toc.yml").read_text()
    assert "notebooks/first" in text
    assert "notebooks/second" not in text
    assert "notebooks/below" not in text
    assert "sections" not in text
    assert "about" in text


def test_a_source_without_a_page_stops_the_build(root):
    (root / "notebooks" / "second.py").write_text("# %%\n2\n")
    with pytest.raises(
        ReportError, match=r"page of notebooks/second.py is missing .*run `make pages`"
    ):
        pages.stage(root, pages.committed(root), root / "stage")


def test_publishing_unchanged_pages_changes_nothing_not_even_the_provenance(root):
    facts = root / "book" / "notebooks" / "provenance.json"
    facts.write_text('{"date": "earlier"}')
    assert pages.publish(root, made(root, first="{}")) == []
    assert json.loads(facts.read_text()) == {"date": "earlier"}


def test_publishing_names_what_changed_adds_what_is_new_and_drops_what_is_gone(root):
    (root / "book" / "notebooks" / "gone.ipynb").write_text("{}")
    run = made(root, first='{"a": 1}', second="{}")
    (run.results / "tiny" / "claim.json").write_text("{}")
    assert pages.publish(root, run) == [
        "book/notebooks/first.ipynb",
        "book/notebooks/gone.ipynb",
        "book/notebooks/second.ipynb",
        "book/results/tiny/claim.json",
    ]
    stored = pages.committed(root)
    assert sorted(path.name for path in stored.notebooks.iterdir()) == [
        "first.ipynb",
        "provenance.json",
        "second.ipynb",
    ]
    assert json.loads((stored.notebooks / "provenance.json").read_text()) == {
        "date": "later"
    }
    assert (stored.results / "tiny" / "claim.json").read_text() == "{}"


def test_results_of_other_profiles_stay_when_the_shipped_one_is_published(root):
    (root / "book" / "results" / "gpt2").mkdir()
    (root / "book" / "results" / "gpt2" / "claim.json").write_text("{}")
    pages.publish(root, made(root, first="{}"))
    assert (root / "book" / "results" / "gpt2" / "claim.json").exists()


def test_the_pages_that_do_not_suit_a_model_are_known_and_stand_in_the_table_of_claims(
    root,
):
    rule = (Path(pages.__file__).parents[2] / "book" / "claims.toml").read_text()
    why = "this model has no words"
    stopped = {"metadata": {"saecore": {"stopped": why}}}
    run = made(root, first=json.dumps(stopped), second="{}")
    (run.notebooks / "provenance.json").write_text(json.dumps(FACTS))
    assert pages.stopped(run) == {"first": why}
    first = rule.replace('"notebooks/absorption"', '"notebooks/first"')
    assert first != rule
    (root / "claims.toml").write_text(first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "saecore.report.judging.claim.claims_file", lambda: root / "claims.toml"
        )
        staged = pages.stage(root, run, root / "stage")
    text = (staged / "_generated" / "claims.md").read_text()
    assert (
        f"On `small`, world seed 2: [not run on this model]{{.sae-badge .sae-open}}: {why}."
        in text
    )
