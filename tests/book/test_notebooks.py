"""What is stored of a run: the results, and nothing that changes without them."""

import nbformat
import pytest

from saecore.book import notebooks
from saecore.report.paths import ReportError
from saecore.report.rendering import FIGURE

SOURCE = """# %% [markdown]
# # A page

# %% tags=["parameters"]
world_seed = 0

# %%
1 + 1
"""
FIGURE_TWIN = {
    "name": "fig-a",
    "alt": "a line that falls",
    "caption": "A line.",
    "rtol": 0.1,
    "atol": 0.0,
    "columns": [["x", [1, 2]], ["y", [0.5, 0.25]]],
}


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "page.py"
    path.write_text(SOURCE)
    return path


def picture() -> nbformat.NotebookNode:
    return nbformat.v4.new_output(
        "display_data", {FIGURE: dict(FIGURE_TWIN), "image/png": ""}
    )


def test_reading_twice_gives_the_same_cells_with_the_same_ids(source):
    first, second = notebooks.read_source(source), notebooks.read_source(source)
    assert first == second
    assert [cell["id"] for cell in first.cells] == ["page-00", "page-01", "page-02"]
    assert first.cells[1].metadata.tags == ["parameters"]


def test_times_versions_and_random_ids_are_not_stored(source):
    nb = notebooks.read_source(source)
    nb.metadata["papermill"] = {"duration": 3.2}
    nb.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    for cell in nb.cells:
        cell.metadata |= {
            "papermill": {"start_time": "now"},
            "execution": {"iopub": "now"},
        }
        cell["id"] = "random"
    text = nbformat.writes(notebooks.normalise(nb, source=source, parameters={}))
    for word in ("duration", "start_time", "iopub", "3.11.7", "random"):
        assert word not in text
    assert notebooks.fingerprint(source) in text


def test_a_figure_brings_its_alt_text_caption_and_numbers_to_the_page(source):
    nb = notebooks.read_source(source)
    nb.cells[2].outputs = [picture()]
    options = (
        notebooks.normalise(nb, source=source, parameters={})
        .cells[2]
        .metadata["mystnb"]
    )
    assert options["image"] == {"alt": "a line that falls"}
    assert options["figure"]["name"] == "fig-a"
    caption = options["figure"]["caption"]
    assert caption.startswith("A line.\n\n<details")
    assert '<td class="sae-number">0.25</td>' in caption
    assert 'download="fig-a.csv"' in caption


def test_a_figure_with_anything_else_in_its_cell_is_refused(source):
    nb = notebooks.read_source(source)
    nb.cells[2].outputs = [picture(), picture()]
    with pytest.raises(
        ReportError,
        match=r"nothing else, but one of page.py shows fig-a, fig-a and more",
    ):
        notebooks.normalise(nb, source=source, parameters={})


def test_staleness_is_found_by_content_whatever_the_times(source, tmp_path):
    page = tmp_path / "page.ipynb"
    assert notebooks.staleness(source, page) == "page.ipynb does not exist"
    notebooks.write(
        notebooks.normalise(
            notebooks.read_source(source), source=source, parameters={}
        ),
        page,
    )
    assert notebooks.staleness(source, page) is None
    source.touch()
    assert notebooks.staleness(source, page) is None
    source.write_text(SOURCE.replace("1 + 1", "1 + 2"))
    assert (
        notebooks.staleness(source, page)
        == "page.py has changed since page.ipynb was made"
    )


def test_a_page_whose_cells_were_edited_is_stale(source, tmp_path):
    page = tmp_path / "page.ipynb"
    nb = notebooks.normalise(
        notebooks.read_source(source), source=source, parameters={}
    )
    nb.cells[2].source = "1 + 3"
    notebooks.write(nb, page)
    assert (
        notebooks.staleness(source, page)
        == "the cells of page.ipynb are not those of page.py"
    )


def test_line_ends_do_not_change_a_fingerprint(source, tmp_path):
    other = tmp_path / "other.py"
    other.write_bytes(SOURCE.replace("\n", "\r\n").encode())
    assert notebooks.fingerprint(source) == notebooks.fingerprint(other)
