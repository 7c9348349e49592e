"""The portable notebooks as readers take them: an install cell that knows where the
package is, and a script beside each.
"""

import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

from saecore.book import notebooks
from saecore.book.portable import INSTALL_ID
from saecore.book.publishing.addresses import Published, published_here

INSTALL_FROM = """\
# Only where saecore is missing, as in Colab: the package with its small language
# model, and trained SAEs if a release has them. What is missing is trained.
import importlib.util
import os
import sys

if importlib.util.find_spec("saecore") is None:
    os.environ["SAECORE_REPOSITORY"] = "{repository}"
    %pip install -q "saecore[worlds] @ {wheel}"
    !{{sys.executable}} -m saecore zoo --from release --no-training"""


def written(root: Path, folder: Path) -> Path:
    """Fill `folder` (emptied first) with every notebook of book/portable and its
    script, and return it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    known, source = published_here(), root / "book" / "portable"
    stated = _stated_site(root) if known else ""
    for path in sorted(source.rglob("*.ipynb")):
        page, target = notebooks.read(path), folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        made = addressed(page, known, path.name, stated) if known else page
        notebooks.write(made, target)
        target.with_suffix(".py").write_text(script(page), encoding="utf-8")
    return folder


def addressed(page: Any, known: Published, name: str, stated: str) -> Any:
    """A portable notebook that installs the package from where it is published, whose
    links lead there instead of the `stated` site, and that says to Colab what it is
    called.

    Colab is asked for no GPU: the pages work on the processor.
    """
    made = deepcopy(page)
    for cell in made.cells:
        if cell.get("id") == INSTALL_ID:
            cell["source"] = INSTALL_FROM.format(
                repository=known.repository, wheel=known.wheel
            )
        elif cell.cell_type == "markdown":
            cell["source"] = cell.source.replace(stated, known.site)
    made.metadata["colab"] = {"name": name, "provenance": []}
    return made


def _stated_site(root: Path) -> str:
    """The address of the site that _config.yml states."""
    import yaml

    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    return str(config["html"]["baseurl"]).rstrip("/")


def script(page: Any) -> str:
    """A notebook as a script in percent format, without its install cell: a script is
    run where the package is.
    """
    import jupytext

    made = deepcopy(page)
    made.cells = [cell for cell in made.cells if cell.get("id") != INSTALL_ID]
    made.metadata.pop("jupytext", None)
    return jupytext.writes(made, fmt="py:percent")
