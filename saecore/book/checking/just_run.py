"""Pages that `make book` has just run need no other run to be compared.

`make test` after `make book`, as in continuous integration, would run every notebook a
second time, with the same code on the same SAEs. The pages of the first run stand in
for that where nothing has changed since.
"""

import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from saecore.book import notebooks, provenance
from saecore.book.checking.same_saes import made_of_others

FOLDER = Path("_build") / "run" / "notebooks"
"""Where `make book` puts the pages that it runs."""


def just_run(root: Path) -> dict[str, dict[str, Any]]:
    """By the file name of a page, then by a cell (`place_of`), what the last `make
    book` gave; empty if that was of other code, packages, SAEs or sizes.
    """
    facts = provenance.read(root / FOLDER / "provenance.json")
    if not facts or why_not(facts, root):
        return {}
    pages = sorted((root / FOLDER).glob("*.ipynb"))
    return {page.name: _outputs(page) for page in pages}


def why_not(facts: dict[str, Any], root: Path) -> str:
    """Why pages made by these facts are not what a run would give now; "" if they are.

    The commit must be this one, with no tracked file changed then or now.
    """
    now = provenance.commit(root)
    sizes = {name: facts[name] for name in notebooks.SHIPPED}
    packages = {name: metadata.version(name) for name in facts["packages"]}
    reasons = {
        "the code": not now or now.endswith("+") or facts["commit"] != now,
        "the sizes": sizes != notebooks.SHIPPED,
        "Python": facts["python"] != platform.python_version(),
        "packages": facts["packages"] != packages,
    }
    changed = [name for name, differs in reasons.items() if differs]
    if not changed and (not facts.get("artefacts") or made_of_others(facts)):
        changed = ["the SAEs"]
    return ", ".join(changed)


def _outputs(page: Path) -> dict[str, Any]:
    cells = [one for one in notebooks.read(page).cells if one.cell_type == "code"]
    return {place_of(n, one.source): one.outputs for n, one in enumerate(cells)}


def place_of(number: int, source: str) -> str:
    """What a cell is known by: which of a page's cells of code it is, and its code."""
    return f"{number} {source}"
