"""How many numbers of a rerun agree, and which do not."""

from pathlib import Path

import nbformat
import pytest

from saecore.book import notebooks
from saecore.book.checking.agreement import (
    PageAgreement,
    agreement_lines,
    numbers_in,
    page_agreement,
)
from saecore.report.rendering import FACES, RESULT, TABLE

COMMITTED = Path(__file__).parents[3] / "book" / "notebooks"


def shown(name, value, *, rtol=0.02):
    twin = {"name": name, "value": value, "low": None, "high": value + 1, "rtol": rtol}
    twin |= {"atol": 0.0, "unit": "", "paper": None}
    data = {RESULT: twin, **FACES[RESULT](twin)}
    return nbformat.v4.new_output("display_data", data)


def tabled(shares):
    columns = [["width", [160, 640]], ["share", shares]]
    twin = {"name": "by_width", "caption": "", "rtol": 0.01, "atol": 0.0}
    twin["columns"] = columns
    return nbformat.v4.new_output("display_data", {TABLE: twin, **FACES[TABLE](twin)})


def printed(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


@pytest.fixture
def page(tmp_path):
    """(name, outputs of each cell) -> a stored page."""

    def made(name, *cells, tags=()):
        new = [
            nbformat.v4.new_code_cell(
                f"cell_{i}", outputs=list(outputs), metadata={"tags": list(tags)}
            )
            for i, outputs in enumerate(cells)
        ]
        notebook = nbformat.v4.new_notebook(cells=new)
        notebooks.write(notebook, tmp_path / name)
        return tmp_path / name

    return made


def test_all_numbers_of_results_and_of_text_are_counted(page):
    cells = [shown("share", 0.5), tabled([0.8, 0.5])], [printed("mean 1.5 of 3\n")]
    one = page("a.ipynb", *cells)
    found = page_agreement(one, page("b.ipynb", *cells))
    assert found == PageAgreement(2 + 4 + 2, 8, [])
    assert agreement_lines(found) == ["8 of 8 numbers agree with the committed page"]


def test_a_number_that_is_off_is_named_and_the_others_agree(page):
    one = page("a.ipynb", [shown("share", 0.5), tabled([0.8, 0.5])])
    found = page_agreement(
        one, page("b.ipynb", [shown("share", 0.505), tabled([0.9, 0.5])])
    )
    assert found[:2] == (6, 5)
    head, line = agreement_lines(found)
    assert head == "5 of 6 numbers agree with the committed page; these do not:"
    assert line.startswith(
        "   by_width.columns.share[0]: stored 0.8, rerun 0.9: off by 12.50 %"
    )


def test_no_number_of_a_cell_with_other_words_agrees(page):
    one = page("a.ipynb", [printed("mean 1.5")], [printed("and 2")])
    found = page_agreement(
        one, page("b.ipynb", [printed("median 1.5")], [printed("and 2")])
    )
    assert found[:2] == (2, 1)
    assert "the words differ" in found.off[0]


def test_a_cell_that_shows_something_else_does_not_agree(page):
    one = page("a.ipynb", [shown("share", 0.5)])
    found = page_agreement(one, page("b.ipynb", [shown("rate", 0.5)]))
    assert found[:2] == (2, 0)


def test_a_tag_sets_the_tolerance_of_printed_numbers(page):
    one = page("a.ipynb", [printed("1.000")], tags=["rtol=0.05"])
    assert page_agreement(one, page("b.ipynb", [printed("1.040")]))[:2] == (1, 1)
    assert page_agreement(one, page("c.ipynb", [printed("1.060")]))[:2] == (1, 0)


def test_text_that_came_in_pieces_is_the_same_text(page):
    one = page("a.ipynb", [printed("1 and"), printed(" 2\n")])
    assert page_agreement(one, page("b.ipynb", [printed("1 and 2\n")])).off == []


def test_pages_of_other_sources_have_nothing_to_compare(page):
    found = page_agreement(page("a.ipynb", [printed("1")]), page("b.ipynb", [], []))
    assert found[:2] == (1, 0)
    assert "another source" in found.off[0]


def test_pages_without_a_number_agree(page):
    assert page_agreement(page("a.ipynb"), page("b.ipynb")) == PageAgreement(0, 0, [])


def test_a_committed_page_agrees_with_itself():
    path = COMMITTED / "seed_dependence.ipynb"
    found = page_agreement(path, path)
    assert found.off == []
    assert found.numbers == found.agreeing > 100


def test_the_pixels_of_a_figure_are_no_numbers():
    assert (
        numbers_in({"output_type": "display_data", "data": {"image/png": "1 2"}}) == 0
    )
