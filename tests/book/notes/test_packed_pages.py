"""The note on a page that its SAEs came from a pack."""

import nbformat
import pytest

from saecore import profiles
from saecore.book.notes import packed_pages
from saecore.claims import by_page, sites
from saecore.packs import used

SHIPPED = {"profile": "tiny", "world_seed": 0}


@pytest.fixture
def page():
    cells = [
        nbformat.v4.new_markdown_cell("# Title"),
        nbformat.v4.new_code_cell("1"),
        nbformat.v4.new_markdown_cell("More"),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_the_pack_is_named_below_the_claim(page, tmp_path, monkeypatch):
    seen = []

    def packs(zoo, recipes):
        seen.extend(recipes)
        return {"ab" * 32: 3}

    monkeypatch.setattr(used, "packs_of", packs)
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    note = tmp_path / "saes" / "one" / "recipe.json"
    note.parent.mkdir(parents=True)
    note.write_text('{"made": {"pack": {"sha256": "ab"}}}')
    found = packed_pages.named(page, "one_width", {})
    assert [cell.cell_type for cell in found.cells] == [
        "markdown",
        "markdown",
        "code",
        "markdown",
    ]
    assert (
        "3 SAEs of this page came from the pack abababababab" in found.cells[1].source
    )
    tiny = profiles.read("tiny")
    assert seen == by_page.asked_by("one_width", sites.open_zoo(tiny), tiny)


def test_a_page_whose_saes_were_trained_here_stays_as_it_is(
    page, tmp_path, monkeypatch
):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    assert len(packed_pages.named(page, "one_width", {}).cells) == 3
    assert packed_pages.used_by("no_page_of_the_book", SHIPPED) == ""
