"""The command line: `saecore --help` lists its commands."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saecore import profiles
from saecore.arguments import parser
from saecore.book import build as pages
from saecore.book import one_page, portable
from saecore.commands.looking import doctor, explore, list_, print_version
from saecore.commands.making import make_asked, pack, zoo
from saecore.commands.others import audit, batch, gates, judge, papers, site
from saecore.judge.chat import ChatError
from saecore.report.paths import ReportError, required_checkout
from saecore.teaching import answers


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: something failed; 2: what was asked for is not
    there.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["train-lm"]:
        return train_lm(arguments[1:])
    options = parser(COMMANDS).parse_args(arguments)
    try:
        profile = (
            profiles.read(options.profile, world_seed=options.world_seed)
            if "profile" in options
            else None
        )
    except ValueError as error:
        print(f"saecore: {error}", file=sys.stderr)
        return 2
    from saecore.errors import ZooError

    try:
        return options.command(options, profile) or 0
    except (ReportError, ZooError, ChatError, ValueError, OSError) as error:
        print(f"saecore: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "saecore: stopped; what was finished is kept, run the same command to go "
            "on",
            file=sys.stderr,
        )
        return 130


def run_one(options: argparse.Namespace, profile: profiles.Profile) -> int:
    """Run one page below _build/page; what it asks for is made first."""
    from saecore.claims import by_page
    from saecore.commands.run import ran

    root = required_checkout()
    name = one_page.completed(options.page, by_page.PAGES)
    make_asked(profile, [name])
    if options.into is None:
        return ran(name, profile)
    from saecore.scale import batch_pages

    print(f"   the page: {batch_pages.run_into(root, name, options.into, profile)}")
    return 0


def book(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Run the notebooks, unless the committed pages are asked for, and build the
    site.
    """
    from saecore.zoo.artefact import locked

    root = required_checkout()
    with locked(root / "_build" / "book"):  # two would delete each other's pages
        _book(options, profile, root)


def _book(options: argparse.Namespace, profile: profiles.Profile, root: Path) -> None:
    from saecore.claims import all_recipes

    build = root / "_build"
    if options.plain_sphinx:
        if not options.committed:
            raise ReportError("--plain-sphinx is for --committed: say both")
        from saecore.book.publishing import plain_sphinx

        index = plain_sphinx.plain_book(root, build / "plain")
        print(f"   the committed book, by Sphinx and MyST-NB alone: {index}")
        return
    if options.committed:
        made, work, output = (
            pages.committed(root),
            build / "committed" / "stage",
            build / "committed",
        )
        explorer = _explorer(profile, make=False)
        index = pages.build(root, made, work=work, output=output, explorer=explorer)
        print(f"   the committed book builds without warnings: {index}")
        _take_along(options, root, work, index)
        return
    if options.gather is not None:
        from saecore.scale import batch_pages

        made = batch_pages.gathered_pages(root, options.gather, profile)
    else:
        made = pages.run(
            root,
            build / "run",
            profile=profile.said,
            world_seed=options.world_seed,
            artefacts=all_recipes.artefacts(profile),
        )
    explorer = _explorer(profile, make=True)
    index = pages.build(
        root, made, work=build / "stage", output=root, explorer=explorer
    )
    _take_along(options, root, build / "stage", index)
    for line in _summary(pages.stopped(made), profile.name):
        print(line)
    print(f"\nThe book is ready. Open {index.as_uri()}")
    print(
        "or run: python3 -m http.server --directory "
        f"{shlex.quote(str(index.parent))} 8000, and open http://localhost:8000"
    )


def _take_along(
    options: argparse.Namespace, root: Path, staged: Path, index: Path
) -> None:
    """The site as an archive and the book as a PDF, beside the site, if asked for."""
    from saecore.book.offline import archive, pdf

    if options.zip:
        made = archive.zip_site(index.parent, index.parents[1] / "sae-book.zip")
        print(f"   the site in one file: {made}")
    if options.pdf:
        made = pdf.book_pdf(root, staged, index.parents[1] / "sae-book.pdf")
        print(f"   the book in one PDF: {made}")


def _explorer(profile: profiles.Profile, *, make: bool) -> Any:
    """The explorer in the zoo, made first if it may be; None if there is none."""
    from saecore.book.notes.unsuited_pages import why_stopped
    from saecore.claims import by_page, sites

    zoo = sites.open_zoo(profile)
    try:
        recipe = by_page.explored(profile)
        return zoo.get(recipe) if make else zoo.find(recipe)
    except Exception as error:  # as a page that fails on the user's own model
        kind, asked = type(error).__name__, {"profile": profile.said}
        if (why := why_stopped(kind, str(error), asked)) is None:
            raise
        print(f"   without the explorer: {why}")
        return None


def _summary(stopped: dict[str, str], profile: str) -> list[str]:
    """What the reader of the terminal should know of the pages that were not run;
    nothing if all were.
    """
    if not stopped:
        return []
    head = f"\nNot run on {profile}: {', '.join(stopped)}. These pages say why:"
    return [head, *(f"   {name}: {why}" for name, why in stopped.items())]


def refresh(options: argparse.Namespace, profile: None) -> None:
    """Run the notebooks as they are, or take their text alone, and copy what changed
    into book/.
    """
    from saecore.book.publishing import reworded
    from saecore.zoo.artefact import locked

    root = required_checkout()
    build = root / "_build" / "pages"
    with locked(build):
        changed = reworded.reword(root) if options.text else _run_pages(root, build)
        written = [*portable.write_all(root), *answers.write_answers(root)]
        changed += [str(path.relative_to(root)) for path in written]
    print("\n".join(f"   changed: {name}" for name in changed) or "   nothing changed")


def _run_pages(root: Path, build: Path) -> list[str]:
    """Run all notebooks and copy what changed into book/; what did."""
    from saecore.claims import all_recipes

    zoo = all_recipes.artefacts(profiles.read("tiny"))
    made = pages.run(root, build, profile="tiny", world_seed=0, artefacts=zoo)
    return pages.publish(root, made)


def train_lm(arguments: Sequence[str]) -> int:
    """Train the shipped language model from its texts; the options are those of
    `train_lm.main`.
    """
    from saecore.tiny_lm import train as train_lm

    return train_lm.main(arguments)


def claims(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Run the studies of claims and print their verdicts, without a notebook."""
    from saecore.report.judging.claims_text import as_json, as_text

    if options.stored:
        from saecore.commands.stored import as_table, committed_verdicts

        twins = committed_verdicts(options.names)
        print(as_json(twins) if options.json else as_table(twins))
        return
    from saecore.claims import sites, verdicts

    asked = options.names or verdicts.names()
    found = verdicts.verdicts(asked, sites.open_zoo(profile), profile)
    judged = []
    for one in found:
        if isinstance(one, str):
            print(f"saecore: {one}", file=sys.stderr)
        elif options.json:
            judged.append(one)
        else:
            print(as_text([one]), end="\n\n", flush=True)
    if options.json:
        print(as_json(judged))


def full_runs(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """What costs hours: every registered world seed, and other language models."""
    from saecore.whole_runs import commands

    commands.full(required_checkout(), profile, options.seeds, options.models)


def real_results(options: argparse.Namespace, profile: profiles.Profile) -> None:
    """Judge claims on a real model, and store what comes of it in book/results."""
    from saecore.whole_runs import commands

    commands.real(required_checkout(), profile, options.names, curves=options.curves)


def register_seeds(options: argparse.Namespace, profile: None) -> None:
    """Write book/seeds.toml for the rules as they are now."""
    from saecore.whole_runs import commands

    print(f"   {commands.register()}")


def write_downloads(options: argparse.Namespace, profile: None) -> None:
    """Write what readers take away, with the addresses of the repository."""
    from saecore.book.publishing import downloads

    root = required_checkout()
    print(f"   {downloads.written(root, root / '_build' / 'publish')}")


COMMANDS = {
    "zoo": zoo,
    "pack": pack,
    "run": run_one,
    "book": book,
    "claims": claims,
    "audit": audit,
    "judge": judge,
    "papers": papers,
    "explore": explore,
    "doctor": doctor,
    "full": full_runs,
    "results": real_results,
    "register": register_seeds,
    "pages": refresh,
    "publish": write_downloads,
    "train-lm": train_lm,
    "batch": batch,
    "list": list_,
    "gates": gates,
    "site": site,
    "version": print_version,
}


if __name__ == "__main__":
    sys.exit(main())
