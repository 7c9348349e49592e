"""One page of the book, alone: which one is meant, and its run."""

import difflib
from collections.abc import Collection
from pathlib import Path

from saecore.book import execute, notebooks
from saecore.report.paths import ReportError


def completed(said: str, known: Collection[str]) -> str:
    """The name of a page from its beginning, or from its notebook's path.

    Raises ReportError, in one sentence, unless it is the beginning of one name alone.
    """
    stem = Path(said).name.removesuffix(".py").removesuffix(".ipynb")
    found = [name for name in known if name.startswith(stem)]
    if stem in known or len(found) == 1:
        return stem if stem in known else found[0]
    near = found or difflib.get_close_matches(stem, known, n=3, cutoff=0.5) or known
    raise ReportError(
        f"a page is asked for by its name or the beginning of one, but {said!r} is "
        f"{'that of several' if found else 'that of none'}: say "
        f"{' or '.join(sorted(near))}"
    )


def run_page(
    root: Path, name: str, folder: Path, *, profile: str, world_seed: int
) -> Path:
    """Run one notebook into `folder`, where pages of earlier calls stay; the page."""
    asked = {"profile": profile, "world_seed": world_seed}
    parameters = {k: v for k, v in asked.items() if v != notebooks.SHIPPED[k]}
    results = folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    source = root / "notebooks" / f"{name}.py"
    execute.run_all([source], folder, parameters=parameters, results=results)
    return folder / f"{name}.ipynb"
