"""From a percent-format source to a page: one notebook in the form that is stored and
compared.

The source is the only thing people edit. What a run adds that differs from run to run
without any change in the results (cell ids, times, kernel versions) is removed here, so
that a difference in a page is a difference in results.
"""

import hashlib
from pathlib import Path
from typing import Any

from saecore.report.paths import ReportError
from saecore.report.rendering import FIGURE, HIDDEN, numbers_of_figure

SHIPPED = {"profile": "tiny", "world_seed": 0}
"""The parameters that the notebooks state themselves, and that the committed pages were
made with.
"""

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def fingerprint(source: Path) -> str:
    """sha256 of a source, whatever the line ends of the checkout."""
    return hashlib.sha256(source.read_text(encoding="utf-8").encode()).hexdigest()


def read_source(source: Path) -> Any:
    """The notebook that a percent-format `source` describes, without outputs."""
    import jupytext

    notebook = jupytext.read(source)
    notebook.metadata.clear()
    notebook.metadata["kernelspec"] = KERNEL
    number_cells(notebook, source.stem)
    return notebook


def number_cells(notebook: Any, stem: str) -> None:
    """Stable cell ids, where nbformat makes random ones."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"{stem[:60]}-{place:02d}"


def normalise(notebook: Any, *, source: Path, parameters: dict[str, Any]) -> Any:
    """`notebook` as executed from `source`, in the form that is stored: no times, no
    versions, stable ids.

    The metadata of the page carry the sha256 of its source, by which a stale page is
    found; a figure's alt text and caption move to where MyST-NB looks for them. Raises
    ReportError if a cell shows more than its figure.
    """
    notebook.metadata = type(notebook.metadata)(
        kernelspec=KERNEL,
        language_info={"name": "python"},
        saecore={
            "source": source.name,
            "sha256": fingerprint(source),
            "parameters": parameters,
        },
    )
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            _caption(cell, source.name)
    number_cells(notebook, source.stem)
    return notebook


def _caption(cell: Any, name: str) -> None:
    """A figure's caption and alt text at its cell, which shows nothing else."""
    shown = [output for output in cell.outputs if not _hidden(output)]
    figures = [o.data[FIGURE] for o in shown if FIGURE in o.get("data", {})]
    if figures and len(shown) > 1:
        names = ", ".join(figure["name"] for figure in figures)
        raise ReportError(
            f"a cell shows one figure and nothing else, but one of {name} shows "
            f"{names} and more: split the cell"
        )
    if figures:
        cell.metadata["mystnb"] = page_options(figures[0])


def _hidden(output: Any) -> bool:
    """Whether an output is glued into prose and not shown."""
    return any(mime.startswith(HIDDEN) for mime in output.get("data", {}))


def page_options(figure: dict[str, Any]) -> dict[str, Any]:
    """What MyST-NB reads at a cell: the alt text, and a caption with the figure's
    numbers folded below it.
    """
    caption = "\n\n".join(filter(None, [figure["caption"], numbers_of_figure(figure)]))
    return {
        "image": {"alt": figure["alt"]},
        "figure": {"name": figure["name"], "caption": caption},
    }


def write(notebook: Any, target: Path) -> None:
    """Write in one step: a kill leaves the old page, never half a page."""
    import nbformat

    nbformat.validate(notebook)
    part = target.with_suffix(".part")
    part.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    part.replace(target)


def read(page: Path) -> Any:
    """A stored page."""
    import nbformat

    return nbformat.read(page, as_version=4)


def staleness(source: Path, page: Path) -> str | None:
    """Why `page` is not what a run of `source` would store, in words; None if nothing
    speaks against it.

    Only contents are looked at: the times of a fresh clone mean nothing.
    """
    if not page.is_file():
        return f"{page.name} does not exist"
    stored = read(page)
    if stored.metadata.get("saecore", {}).get("sha256") != fingerprint(source):
        return f"{source.name} has changed since {page.name} was made"
    want = [cell.source for cell in read_source(source).cells]
    got = [
        c.source
        for c in stored.cells
        if "injected-parameters" not in c.metadata.get("tags", [])
    ]
    return (
        None
        if want == got
        else f"the cells of {page.name} are not those of {source.name}"
    )
