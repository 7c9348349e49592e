"""What can be said on the command line."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from saecore import __version__
from saecore.book.provenance import KINDS_SHOWN
from saecore.commands.examples import epilog
from saecore.commands.options import of_audit, of_batch, of_judge, of_papers


def parser(commands: Mapping[str, Callable[..., Any]]) -> argparse.ArgumentParser:
    """What can be said on the command line; `commands` are what is run, by name."""
    top = argparse.ArgumentParser(
        prog="saecore",
        description="The commands under the book.",
        epilog="`saecore COMMAND --help` has examples.",
    )
    top.add_argument("--version", action="version", version=__version__)
    under = top.add_subparsers(required=True, metavar="COMMAND")
    subject = _subject()

    def add(
        name: str, text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        sub = under.add_parser(
            name,
            help=text,
            description=text,
            parents=parents,
            epilog=epilog(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(command=commands[name])
        return sub

    _of_zoo(
        add("zoo", "train the SAEs that the notebooks ask for, if missing", subject)
    )
    _of_pack(add("pack", "write trained SAEs in float16 into one file", subject))
    run_ = add(
        "run",
        "run one page; what it asks for is trained first, and at the end its numbers "
        "are held against the committed page (status 1 if one does not agree)",
        subject,
    )
    run_.add_argument("page", metavar="PAGE", help="a name or the beginning of one")
    run_.add_argument(
        "--into", type=Path, help="run it for `book --gather` of this folder"
    )
    _of_book(
        add("book", "run the notebooks and build the site in _build/html", subject)
    )
    _of_claims(
        add("claims", "run the studies of claims and print their verdicts", subject)
    )
    _of_explore(add("explore", "open the explorer of latents in the browser", subject))
    _of_doctor(
        add("doctor", "look whether the book can be made here, and what to do", subject)
    )
    _of_list(add("list", "what the notebooks ask for, and what is trained", subject))
    of_audit(add("audit", "measure an SAE of your own: every measure of the book"))
    of_judge(add("judge", "let a language model explain and predict latents", subject))
    of_papers(add("papers", "measure the papers' own SAEs, fetched from the hub"))
    of_batch(add("batch", "jobs for a batch queue: plan, make, table"), subject)
    add("gates", "what the language model answers rightly in context", subject)
    add("site", "which layer a rule chooses for the language model, and why", subject)
    _for_makers(add, subject)
    _as_json(add("version", "the version of saecore"))
    return top


def _for_makers(
    add: Callable[..., argparse.ArgumentParser], subject: argparse.ArgumentParser
) -> None:
    """What those say who change the book or publish it."""
    full_ = add(
        "full",
        "run everything on each registered world seed and on other language models, "
        "and store the verdicts in book/results (hours; says how many before)",
        subject,
    )
    _whole_runs(full_)
    results_ = add(
        "results",
        "judge claims on a real model and store the verdicts in book/results "
        "(--profile smollm2)",
        subject,
    )
    results_.add_argument("names", nargs="*", metavar="CLAIM", help="default: all")
    results_.add_argument(
        "--curves", action="store_true", help="the convergence curves alone"
    )
    add("register", "name the world seeds that belong to the rules")
    add(
        "pages", "run the notebooks and refresh the committed pages in book/"
    ).add_argument(
        "--text",
        action="store_true",
        help="run nothing: take the text of notebooks whose code has not changed",
    )
    add("publish", "write the notebooks and scripts that readers take, in _build")
    add(
        "train-lm",
        "train the language model that ships with the package (--help says more)",
    )


def _as_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="as JSON, for programs")


def _of_book(book: argparse.ArgumentParser) -> None:
    """Which pages, and by what the site is built."""
    book.add_argument(
        "--committed",
        action="store_true",
        help="build the committed pages; runs and trains nothing, in about a minute",
    )
    book.add_argument(
        "--plain-sphinx",
        action="store_true",
        help="with Sphinx and MyST-NB alone, in _build/plain (with --committed)",
    )
    book.add_argument("--zip", action="store_true", help="also the site as one file")
    book.add_argument(
        "--pdf", action="store_true", help="also the book as one PDF (needs Chromium)"
    )
    book.add_argument(
        "--gather",
        type=Path,
        metavar="FOLDER",
        help="build the pages that `run --into FOLDER` has run, one by one",
    )


def _of_claims(claims: argparse.ArgumentParser) -> None:
    """Which claims, run or stored."""
    claims.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    claims.add_argument(
        "--stored",
        action="store_true",
        help="a table of the committed verdicts; nothing is run",
    )
    claims.add_argument("--json", action="store_true", help="as JSON, every digit")


def _of_explore(explore: argparse.ArgumentParser) -> None:
    """From the disk or from a server."""
    explore.add_argument(
        "--serve",
        type=int,
        metavar="PORT",
        help="serve it to this machine's browsers; 0 takes any free port",
    )
    explore.add_argument(
        "--no-browser", action="store_true", help="say the address, open nothing"
    )


def _of_doctor(doctor: argparse.ArgumentParser) -> None:
    """How far it looks."""
    doctor.add_argument(
        "--no-network", action="store_true", help="ask nothing beyond this machine"
    )
    _as_json(doctor)


def _of_list(list_: argparse.ArgumentParser) -> None:
    """Filters."""
    list_.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="PAGE",
        help="what these pages ask for, with texts and rows",
    )
    list_.add_argument("--state", choices=("trained", "missing"), default="")
    list_.add_argument(
        "--kind",
        nargs="+",
        default=[],
        choices=sorted(KINDS_SHOWN),
        help="the folders of the zoo",
    )
    _as_json(list_)


def _of_zoo(zoo: argparse.ArgumentParser) -> None:
    """What is trained, and what is taken from elsewhere."""
    zoo.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="PAGE",
        help="what these pages ask for and nothing else; the beginning of a name will "
        "do",
    )
    zoo.add_argument(
        "--from",
        dest="pack",
        metavar="PACK",
        help="take trained SAEs from a pack first: a file, an address (behind which "
        "#sha256=... is checked), or `release` for that of the repository's latest "
        "release, if it has one",
    )
    zoo.add_argument(
        "--no-training",
        action="store_true",
        help="take what --from has and make nothing",
    )


def _of_pack(pack: argparse.ArgumentParser) -> None:
    """What is packed."""
    pack.add_argument("file", type=Path, metavar="FILE", help="what to write")
    pack.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="PAGE",
        help="what these pages ask for; default: all",
    )
    pack.add_argument(
        "--headlines",
        action="store_true",
        help="what the pages of the claims ask for, as releases offer it",
    )


def _whole_runs(full: argparse.ArgumentParser) -> None:
    """On what everything is run."""
    full.add_argument(
        "--seeds", nargs="*", type=int, help="default: those of book/seeds.toml"
    )
    full.add_argument(
        "--models",
        nargs="*",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="language models of the same shape, such as `train-lm --seed 1` writes",
    )


def _subject() -> argparse.ArgumentParser:
    """What most commands are about."""
    subject = argparse.ArgumentParser(add_help=False)
    subject.add_argument(
        "--profile",
        default="tiny",
        help="'tiny', 'smollm2' (SmolLM2-135M, fetched once), or the folder of a "
        "Hugging Face language model (with @bfloat16 behind it, rows are read in "
        "bfloat16)",
    )
    subject.add_argument(
        "--world-seed", type=int, default=0, help="which world and which sample of text"
    )
    return subject
