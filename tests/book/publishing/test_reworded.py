"""Text that changes alone leaves what a page gave; code that changes is refused."""

import pytest

from saecore.book import notebooks
from saecore.book.execute import execute
from saecore.book.publishing.reworded import reword
from saecore.report.paths import ReportError

SOURCE = """# %% [markdown]
# # A page
#
# It rests on one nubmer.

# %% tags=["parameters"]
world_seed = 0

# %%
from saecore.report import record

record("shared", 0.42, rtol=0.02)
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A page that was run."""
    folder = tmp_path_factory.mktemp("ran")
    (folder / "small.py").write_text(SOURCE)
    execute(folder / "small.py", folder / "small.ipynb", {"world_seed": 3})
    return folder / "small.ipynb"


@pytest.fixture
def root(tmp_path, ran):
    """A checkout with that page."""
    for name in ("notebooks", "book/notebooks"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "notebooks" / "small.py").write_text(SOURCE)
    (tmp_path / "book" / "notebooks" / "small.ipynb").write_bytes(ran.read_bytes())
    return tmp_path


def test_nothing_is_written_where_nothing_changed(root, ran):
    assert reword(root) == []
    page = root / "book" / "notebooks" / "small.ipynb"
    assert page.read_bytes() == ran.read_bytes()


def test_a_sentence_changes_and_the_number_stays(root, ran):
    source, page = (
        root / "notebooks" / "small.py",
        root / "book" / "notebooks" / "small.ipynb",
    )
    source.write_text(
        SOURCE.replace("nubmer", "number").replace("# It", "# New.\n#\n# It")
    )
    before, after = notebooks.read(page), None
    assert reword(root) == ["small"]
    after = notebooks.read(page)
    assert "New.\n\nIt rests on one number." in after.cells[0].source
    assert after.cells[-1].outputs == before.cells[-1].outputs
    assert after.cells[-1].execution_count == before.cells[-1].execution_count
    assert after.metadata.saecore.parameters == {"world_seed": 3}
    assert reword(root) == []


def test_code_that_changed_has_to_be_run(root, ran):
    source = root / "notebooks" / "small.py"
    source.write_text(SOURCE.replace("0.42", "0.43").replace("nubmer", "number"))
    with pytest.raises(ReportError, match="in small the code has: run `make pages`"):
        reword(root)
    page = root / "book" / "notebooks" / "small.ipynb"
    assert page.read_bytes() == ran.read_bytes()


def test_a_page_that_was_never_run_is_named(root):
    (root / "notebooks" / "other.py").write_text(SOURCE)
    with pytest.raises(ReportError, match="in other the code has"):
        reword(root)
