"""What can be said on the command line."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def parser(commands: Mapping[str, Callable[..., Any]]) -> argparse.ArgumentParser:
    """What can be said on the command line; `commands` are what is run, by name."""
    top = argparse.ArgumentParser(
        prog="saecore", description="The commands under the book."
    )
    under = top.add_subparsers(required=True, metavar="COMMAND")
    subject = _subject()

    def add(
        name: str, text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        sub = under.add_parser(name, help=text, description=text, parents=parents)
        sub.set_defaults(command=commands[name])
        return sub

    _of_zoo(
        add("zoo", "train the SAEs that the notebooks ask for, if missing", subject)
    )
    _of_pack(add("pack", "write trained SAEs in float16 into one file", subject))
    run_ = add("run", "run one page; what it asks for is trained first", subject)
    run_.add_argument("page", metavar="PAGE", help="a name or the beginning of one")
    book_ = add("book", "run the notebooks and build the site in _build/html", subject)
    book_.add_argument(
        "--committed",
        action="store_true",
        help="build the committed pages; runs and trains nothing, in about a minute",
    )
    book_.add_argument("--zip", action="store_true", help="also the site as one file")
    book_.add_argument(
        "--pdf", action="store_true", help="also the book as one PDF (needs Chromium)"
    )
    claims_ = add(
        "claims", "run the studies of claims and print their verdicts", subject
    )
    claims_.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    claims_.add_argument("--json", action="store_true", help="as JSON, every digit")
    full_ = add(
        "full",
        "run everything on each registered world seed and on other language models, "
        "and store the verdicts in book/results (hours; says how many before)",
        subject,
    )
    _whole_runs(full_)
    add("register", "name the world seeds that belong to the rules")
    add("pages", "run the notebooks and refresh the committed pages in book/")
    add(
        "train-lm",
        "train the language model that ships with the package (--help says more)",
    )
    add("list", "what the notebooks ask for, and what is trained", subject)
    add("version", "the version of saecore")
    return top


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
        help="take trained SAEs from a pack first: a file, or an address (behind which "
        "#sha256=... is checked)",
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
        help="'tiny', or the folder of a Hugging Face language model (with @bfloat16 "
        "behind it, rows are read in bfloat16)",
    )
    subject.add_argument(
        "--world-seed", type=int, default=0, help="which world and which sample of text"
    )
    return subject
