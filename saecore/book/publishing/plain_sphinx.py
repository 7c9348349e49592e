"""The way out of Jupyter Book: the committed book by Sphinx with MyST-NB, a theme of
Sphinx, and the directives that the pages use.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from saecore.book import build, execute
from saecore.report.paths import ReportError

EXTENSIONS = ("myst_nb", "sphinx_exercise", "sphinxcontrib.bibtex", "sphinx_design")
"""MyST-NB, and what defines exercises, citations and folded boxes."""
KEPT_SETTINGS = (
    "bibtex_reference_style",
    "exercise_style",
    "html_css_files",
    "html_static_path",
    "language",
    "math_eqref_format",
    "mathjax_path",
    "nb_merge_streams",
    "suppress_warnings",
)
"""What _config.yml says to Sphinx that does not belong to a theme."""


def plain_book(root: Path, folder: Path) -> Path:
    """Build the committed pages below `folder` (emptied first); returns index.html.

    Raises ReportError with Sphinx' own words if a page gives a warning.
    """
    shutil.rmtree(folder, ignore_errors=True)
    source = build.stage(root, build.committed(root), folder / "source")
    config = _yaml(root / "_config.yml")
    (source / "conf.py").write_text(conf_py(config), encoding="utf-8")
    home = source / f"{first_page(source)}.md"
    text = home.read_text(encoding="utf-8")
    home.write_text(text + contents(_yaml(source / "_toc.yml")), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
    command += [str(source), str(folder / "html")]
    log = folder / "sphinx.log"
    status, _ = execute.measured_run(command, log=log, cwd=root)
    if status:
        said = log.read_text(encoding="utf-8", errors="replace")
        raise ReportError(f"Sphinx alone did not build the book:\n\n{said[-6000:]}")
    return folder / "html" / f"{first_page(source)}.html"


def conf_py(config: dict[str, Any]) -> str:
    """Sphinx' configuration from that of Jupyter Book."""
    stated = config["sphinx"]["config"]
    values = {
        "project": config["title"],
        "author": config["author"],
        "copyright": str(config["copyright"]),
        "extensions": list(EXTENSIONS),
        "exclude_patterns": ["_generated", *config["exclude_patterns"]],
        "root_doc": "intro",
        "myst_enable_extensions": config["parse"]["myst_enable_extensions"],
        "myst_heading_anchors": 4,
        "nb_execution_mode": "off",
        "numfig": True,
        "bibtex_bibfiles": config["bibtex_bibfiles"],
    }
    values |= {name: stated[name] for name in KEPT_SETTINGS if name in stated}
    return "".join(f"{name} = {value!r}\n" for name, value in values.items())


def contents(toc: dict[str, Any]) -> str:
    """The table of contents as Sphinx reads it: a tree per part, at the end of the
    first page.
    """
    trees = [
        "\n".join(
            [
                "\n```{toctree}",
                ":hidden:",
                f":caption: {part['caption']}",
                *_files(part["chapters"]),
                "```\n",
            ]
        )
        for part in toc["parts"]
    ]
    return "\n" + "".join(trees)


def first_page(source: Path) -> str:
    """The name of the first page."""
    return str(_yaml(source / "_toc.yml")["root"])


def _files(chapters: list[dict[str, Any]]) -> list[str]:
    found = []
    for chapter in chapters:
        found += [chapter["file"], *_files(chapter.get("sections", []))]
    return found


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    return yaml.safe_load(path.read_text(encoding="utf-8"))
