"""From executed notebooks to a site: a staged copy of book/ with its generated pages,
then Jupyter Book.

Everything is written under _build/, which git ignores; only `publish` touches book/,
and only where a page's content has changed.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from saecore import profiles
from saecore.book import execute, link_check, notebooks, portable, provenance
from saecore.book.front import generated, page_line
from saecore.book.notes import unsuited_pages
from saecore.book.publishing import docs_pages, downloads
from saecore.explorer import files as explorers
from saecore.explorer import page as explorer_page
from saecore.explorer.content import Explorer
from saecore.report.paths import ReportError
from saecore.teaching import handbook, lessons, pieces, slides

Say = Callable[[str], None]


class Pages(NamedTuple):
    """A set of executed notebooks and what came with them."""

    notebooks: Path
    """Folder of the executed .ipynb files and provenance.json."""
    results: Path
    """Folder of the verdicts, <profile>/<claim>.json."""


def committed(root: Path) -> Pages:
    """The pages that are stored in the repository."""
    return Pages(root / "book" / "notebooks", root / "book" / "results")


def sources(root: Path) -> list[Path]:
    """The notebooks that people edit."""
    return sorted((root / "notebooks").glob("*.py"))


def run(
    root: Path,
    folder: Path,
    *,
    profile: str,
    world_seed: int,
    artefacts: dict[str, dict[str, float]] | None = None,
    say: Say = print,
) -> Pages:
    """Execute every notebook into `folder` (emptied first) for one profile and one
    world seed.

    `artefacts` is what the notebooks found in the zoo, by kind, for the page that says
    what the book costs.
    """
    shutil.rmtree(folder, ignore_errors=True)
    made = Pages(folder / "notebooks", folder / "results")
    made.results.mkdir(parents=True)
    asked = {"profile": profile, "world_seed": world_seed}
    parameters = {
        name: value for name, value in asked.items() if value != notebooks.SHIPPED[name]
    }
    costs = execute.run_all(
        sources(root),
        made.notebooks,
        parameters=parameters,
        results=made.results,
        say=say,
    )
    facts = provenance.facts(root, profile=profile, world_seed=world_seed, costs=costs)
    facts["zoo"] = {
        kind: {k: round(v, 1) for k, v in sums.items()}
        for kind, sums in (artefacts or {}).items()
    }
    facts["artefacts"] = _digests(root, profiles.read(profile, world_seed=world_seed))
    provenance.write(facts, made.notebooks / "provenance.json")
    return made


def _digests(root: Path, profile: profiles.Profile) -> dict[str, str]:
    """By page, what the zoo gave it."""
    from saecore.book.checking.same_saes import digests_of
    from saecore.claims import sites

    names = [source.stem for source in sources(root)]
    return digests_of(names, sites.open_zoo(profile), profile)


def stage(
    root: Path, pages: Pages, target: Path, *, explorer: Explorer | None = None
) -> Path:
    """Fill `target` with what Jupyter Book reads: book/, the executed notebooks, the
    generated tables, the explorer with its files, and the notebooks that readers take.
    """
    shutil.rmtree(target, ignore_errors=True)
    skip = shutil.ignore_patterns(
        "notebooks", "portable", "results", "_ext", "__pycache__", "*.toml", "teaching"
    )
    shutil.copytree(root / "book", target, ignore=skip)
    (target / "notebooks").mkdir()
    for source in sources(root):
        page = pages.notebooks / f"{source.stem}.ipynb"
        if not page.is_file():
            raise ReportError(
                f"the page of notebooks/{source.name} is missing in "
                f"{pages.notebooks}: run `make pages`"
            )
    present = {f"notebooks/{source.stem}" for source in sources(root)}
    _generate(root, pages, target, present)
    _teach(root, pages, target)
    _explore(target, explorer)
    if (root / "book" / "portable").is_dir():
        downloads.written(root, target / "_assets" / "portable")
    if (papers := root / "book" / "references.bib").is_file():
        docs_pages.write_docs(target, docs_pages.named_papers(papers))
    _shorten_contents(target, present)
    return target


def stopped(pages: Pages) -> dict[str, str]:
    """By name, the pages that do not suit the model they were asked for, and why."""
    reasons = {
        page.stem: unsuited_pages.reason(page)
        for page in sorted(pages.notebooks.glob("*.ipynb"))
    }
    return {name: why for name, why in reasons.items() if why}


def _generate(root: Path, pages: Pages, target: Path, present: Collection[str]) -> None:
    """What the staged pages include, and a last line on each executed page."""
    facts = provenance.read(pages.notebooks / "provenance.json")
    left = {f"notebooks/{name}": why for name, why in stopped(pages).items()}
    cards = generated.write_generated(
        root,
        target,
        pages=pages.notebooks,
        results=[committed(root).results, pages.results],
        facts=facts,
        present=present,
        stopped=left,
    )
    for name in present:
        page = f"{Path(name).name}.ipynb"
        line = page_line.page_line(Path(name).name, facts, cards.get(name, ""))
        page_line.copy_with_line(
            pages.notebooks / page, target / "notebooks" / page, line
        )


def _teach(root: Path, pages: Pages, target: Path) -> None:
    """What pages take of their lessons, what teachers read, and slides."""
    known = lessons.lessons(root / "book" / "teaching")
    ran = {name: pages.notebooks / f"{name}.ipynb" for name in known}
    shown = {name: notebooks.read(page) for name, page in ran.items() if page.is_file()}
    settings = portable.settings_by_page(root, shown) if shown else {}
    plain = {
        name: partial(portable.plain_markdown, **of) for name, of in settings.items()
    }
    written = slides.write_slides(target / "_extra" / "slides", known, shown, plain)
    folder = target / "_generated"
    pieces.write_pieces(root, folder / "teaching")
    facts = provenance.read(pages.notebooks / "provenance.json")
    costs = facts.get("notebooks", {})
    handbook.write_handbook(root, folder / "teaching", costs, written)


def _explore(target: Path, explorer: Explorer | None) -> None:
    """What the page of the explorer includes, and the files that it loads; if there is
    none, how to make it.
    """
    text = (
        "<p>This copy of the book was built without its explorer. To make it, run "
        "<code>python -m saecore zoo --only explorer</code> and build the book again; "
        "the command first says how long it will take.</p>"
    )
    if explorer is not None:
        version = explorers.write(explorer, target / "_assets" / "explorer")
        text = explorer_page.fragment(
            explorer, base="_static/explorer", version=version
        )
    (target / "_generated" / "explorer.html").write_text(text + "\n", encoding="utf-8")


def _shorten_contents(target: Path, present: Collection[str]) -> None:
    """Leave out of the staged table of contents the notebooks that have no source."""
    import yaml

    path = target / "_toc.yml"
    contents = yaml.safe_load(path.read_text(encoding="utf-8"))
    for part in contents.get("parts", []):
        part["chapters"] = _present(part["chapters"], present)
    contents["parts"] = [part for part in contents.get("parts", []) if part["chapters"]]
    path.write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")


def _present(pages: list[dict[str, Any]], present: Collection[str]) -> list[Any]:
    """The pages that are there, each with the pages below it that are."""
    kept = []
    for page in pages:
        if page["file"].startswith("notebooks/") and page["file"] not in present:
            continue
        below = _present(page.get("sections", []), present)
        kept.append({"file": page["file"]} | ({"sections": below} if below else {}))
    return kept


def book_html(root: Path, staged: Path, output: Path) -> Path:
    """Build the site of `staged` below `output`, every warning an error. Returns its
    index.html.
    """
    command = [
        *(
            sys.executable,
            "-c",
            "from jupyter_book.cli.main import main; main()",
            "build",
            str(staged),
        ),
        *("--config", str(root / "_config.yml"), "--path-output", str(output)),
        *("--all", "-W", "--keep-going", "-n", "-q"),
    ]
    shutil.rmtree(output / "_build" / "html", ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log"
        status, _ = execute.measured_run(command, log=log, cwd=root)
        said = log.read_text(encoding="utf-8", errors="replace")
    index = output / "_build" / "html" / "index.html"
    if status or not index.is_file():
        raise ReportError(f"the book did not build without warnings:\n\n{said[-6000:]}")
    if found := link_check.problems(index.parent):
        raise ReportError("the site does not stand on its own:\n" + "\n".join(found))
    return index


def publish(root: Path, pages: Pages) -> list[str]:
    """Copy pages and results into book/ where their content differs; returns what
    changed.

    provenance.json, which holds times, is refreshed only when a page or a result
    changed.
    """
    stored = committed(root)
    changed = _mirror(pages.notebooks, stored.notebooks, "*.ipynb")
    for subject in (
        "tiny",
        "world",
    ):  # what the shipped notebooks judge; results of other models stay
        changed += _mirror(pages.results, stored.results, f"{subject}/*.json")
    facts = "provenance.json"
    if changed or not (stored.notebooks / facts).is_file():
        shutil.copy(pages.notebooks / facts, stored.notebooks / facts)
    return changed


def _mirror(made: Path, stored: Path, pattern: str) -> list[str]:
    changed = []
    names = {
        path.relative_to(folder)
        for folder in (made, stored)
        for path in folder.glob(pattern)
    }
    for name in sorted(names):
        new, old = made / name, stored / name
        if new.is_file() and old.is_file() and new.read_bytes() == old.read_bytes():
            continue
        old.parent.mkdir(parents=True, exist_ok=True)
        if new.is_file():
            shutil.copy(new, old)
        else:
            old.unlink()
        changed.append(f"{stored.parent.name}/{stored.name}/{name}")
    return changed


def build(
    root: Path,
    pages: Pages,
    *,
    work: Path,
    output: Path,
    explorer: Explorer | None = None,
) -> Path:
    """Stage and build in one call; returns the site's index.html."""
    return book_html(root, stage(root, pages, work, explorer=explorer), output)
