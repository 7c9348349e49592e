"""A committed page whose text alone has changed keeps its numbers: it is not run again.

Another run, on another processor, would train other SAEs; for a sentence no page should
change its numbers.
"""

from pathlib import Path
from typing import Any

from saecore.book import notebooks
from saecore.report.paths import ReportError

INJECTED = "injected-parameters"


def reword(root: Path) -> list[str]:
    """Bring the text of all committed pages up to their sources; returns the names of
    those that changed. Raises ReportError, before any is written, naming the pages
    whose code has changed too.
    """
    sources = sorted((root / "notebooks").glob("*.py"))
    pages = {
        source: root / "book/notebooks" / f"{source.stem}.ipynb" for source in sources
    }
    due = [one for one, page in pages.items() if notebooks.staleness(one, page)]
    if other := [one.stem for one in due if not same_code(one, pages[one])]:
        raise ReportError(
            "a page whose text alone has changed can be reworded, but in "
            f"{', '.join(other)} the code has: run `make pages`"
        )
    for source in due:
        notebooks.write(reworded(source, pages[source]), pages[source])
    return [source.stem for source in due]


def same_code(source: Path, page: Path) -> bool:
    """Whether the cells of code of a source are those that a stored page ran."""
    if not page.is_file():
        return False
    ran = [cell.source for cell in _code(notebooks.read(page))]
    return ran == [cell.source for cell in _code(notebooks.read_source(source))]


def reworded(source: Path, page: Path) -> Any:
    """The text of a source with what a stored page gave, in the form that is stored."""
    stored, fresh = notebooks.read(page), notebooks.read_source(source)
    for own, ran in zip(_code(fresh), _code(stored), strict=True):
        own.outputs, own.execution_count = ran.outputs, ran.execution_count
    parameters = stored.metadata["saecore"]["parameters"]
    return notebooks.normalise(fresh, source=source, parameters=parameters)


def _code(notebook: Any) -> list[Any]:
    """The cells of code, but for the one that papermill writes."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and INJECTED not in cell.metadata.get("tags", [])
    ]
