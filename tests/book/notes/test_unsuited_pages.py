"""Pages on a model of the user's own: they say what they are, and why they stop."""

import nbformat
import pytest

from saecore import profiles
from saecore.book import notebooks
from saecore.book.notes import unsuited_pages
from saecore.errors import MissedSparsity, Unsuited
from saecore.report import Claim

SOURCE = """# %% [markdown]
# (page)=
# # A page

# %% tags=["parameters"]
profile = "tiny"

# %%
1 + 1

# %% [markdown]
# It is {glue:text}`page.ipynb::known:.2f`, not {glue:text}`page.ipynb::unknown`.
"""
SMALL = {"profile": "/models/small"}


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "page.py"
    path.write_text(SOURCE)
    return path


def test_a_stopped_page_has_the_claim_and_the_reason_and_nothing_else(source):
    why = "it takes 20 `words`, but [this] model has $1$:\nuse a *larger* one."
    page = unsuited_pages.stopped_page(source, parameters=SMALL, why=why)
    title, note = page.cells
    assert title.source == "(page)=\n# A page"
    assert "**This page was not run on `small`:**" in note.source
    assert (
        r"it takes 20 \`words\`, but \[this\] model has \$1\$\: use a \*larger\* one."
        in note.source
    )
    assert "book/notebooks/page.ipynb" in note.source
    nbformat.validate(page)


def test_reasons_of_several_lines_are_a_list_on_the_page(source):
    why = str(MissedSparsity("one *is* off.", "two is off."))
    page = unsuited_pages.stopped_page(source, parameters=SMALL, why=why)
    listed = (
        "not run on `small`:** 2 SAEs\\:\n\n* one \\*is\\* off.\n\n* two is off.\n:::"
    )
    assert listed in page.cells[-1].source


def test_a_stopped_page_of_a_claim_still_quotes_the_papers_sentence(tmp_path):
    path, claim = tmp_path / "absorption.py", Claim.read("absorption")
    path.write_text(SOURCE)
    page = unsuited_pages.stopped_page(path, parameters=SMALL, why="no words")
    _, quoted, _ = page.cells
    assert claim.sentence in quoted.source
    assert claim.cite in quoted.source


def test_the_reason_is_read_back_from_the_stored_page(source, tmp_path):
    page, other = tmp_path / "page.ipynb", tmp_path / "other.ipynb"
    notebooks.write(
        unsuited_pages.stopped_page(source, parameters=SMALL, why="no words"), page
    )
    ran = notebooks.normalise(
        notebooks.read_source(source), source=source, parameters=SMALL
    )
    notebooks.write(ran, other)
    assert unsuited_pages.reason(page) == "no words"
    assert unsuited_pages.reason(other) is None


def test_a_page_that_was_run_says_that_its_sentences_are_about_another_model_and_has_dashes_for_gaps(
    source,
):
    nb = notebooks.read_source(source)
    nb.cells[2].outputs = [
        nbformat.v4.new_output(
            "display_data", metadata={"scrapbook": {"name": "known"}}
        )
    ]
    title, note, *_, text = unsuited_pages.adapted(nb, SMALL).cells
    assert title.source.endswith("# A page")
    assert "**This page was run on `small`.**" in note.source
    assert text.source == "It is {glue:text}`page.ipynb::known:.2f`, not –."


@pytest.mark.parametrize("parameters", [{}, {"world_seed": 3}, {"profile": "tiny"}])
def test_a_page_on_the_shipped_model_stays_as_it_is(source, parameters):
    nb = notebooks.read_source(source)
    assert unsuited_pages.adapted(nb, parameters) == notebooks.read_source(source)
    for name in ("Unsuited", "ValueError"):
        assert unsuited_pages.why_stopped(name, "no words", parameters) is None


@pytest.mark.parametrize("name", unsuited_pages.STOPS)
@pytest.mark.parametrize("profile", ["/models/small", *profiles.MODELS_OF_THE_BOOK[1:]])
def test_an_error_that_speaks_of_the_model_is_its_own_reason(name, profile):
    of = {"profile": profile}
    assert unsuited_pages.why_stopped(name, "no words", of) == "no words"


def test_any_error_stops_a_page_on_a_folder_of_the_users_own_and_is_named():
    said = unsuited_pages.why_stopped("ValueError", "it is nan", SMALL)
    assert said == "ValueError: it is nan"
    assert unsuited_pages.why_stopped("AssertionError", "", SMALL) == "AssertionError"


@pytest.mark.parametrize(
    ("name", "profile"),
    [("KeyboardInterrupt", "/models/small")]
    + [("ValueError", one) for one in profiles.MODELS_OF_THE_BOOK],
)
def test_a_stop_by_hand_and_a_fault_on_the_books_models_end_the_run(name, profile):
    assert unsuited_pages.why_stopped(name, "off", {"profile": profile}) is None


def test_the_errors_that_speak_of_the_model_are_these():
    assert set(unsuited_pages.STOPS) == {Unsuited.__name__, MissedSparsity.__name__}
