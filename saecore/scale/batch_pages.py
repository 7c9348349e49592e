"""Pages that are run one by one, on whatever machine, and gathered into one book."""

import json
import shutil
from pathlib import Path

from saecore.book import build, execute, notebooks, provenance
from saecore.book.execute import PageCost
from saecore.claims import all_recipes
from saecore.profiles import Profile
from saecore.report.paths import ReportError
from saecore.scale.batch_plan import write_whole


def run_into(root: Path, name: str, folder: Path, profile: Profile) -> Path:
    """Run one page for a book that is gathered in `folder`; the page."""
    made = pages_in(folder)
    source = root / "notebooks" / f"{name}.py"
    asked = {"profile": profile.said, "world_seed": profile.world_seed}
    parameters = {k: v for k, v in asked.items() if v != notebooks.SHIPPED[k]}
    made.results.mkdir(parents=True, exist_ok=True)
    costs = execute.run_all(
        [source], made.notebooks, parameters=parameters, results=made.results
    )
    write_whole(folder / "costs" / f"{name}.json", costs[name]._asdict())
    return made.notebooks / f"{name}.ipynb"


def pages_in(folder: Path) -> build.Pages:
    """Where the pages and results of a gathered book lie."""
    return build.Pages(folder / "notebooks", folder / "results")


def gathered_pages(root: Path, folder: Path, profile: Profile) -> build.Pages:
    """The pages in `folder` as one run of the book, with what each cost.

    Raises ReportError if one is missing.
    """
    names = [source.stem for source in build.sources(root)]
    costs = {name: _cost(folder, name) for name in names}
    facts = provenance.facts(
        root, profile=profile.said, world_seed=profile.world_seed, costs=costs
    )
    facts["zoo"] = {
        kind: {k: round(v, 1) for k, v in sums.items()}
        for kind, sums in all_recipes.artefacts(profile).items()
    }
    made = pages_in(folder)
    provenance.write(facts, made.notebooks / "provenance.json")
    shutil.rmtree(made.notebooks / ".ipython", ignore_errors=True)
    return made


def _cost(folder: Path, name: str) -> PageCost:
    try:
        return PageCost(**json.loads((folder / "costs" / f"{name}.json").read_text()))
    except (OSError, ValueError, TypeError):
        raise ReportError(
            f"a book is gathered when all its pages have been run, but {name} is not "
            f"in {folder}: run `saecore run {name} --into {folder}`"
        ) from None
