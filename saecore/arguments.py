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
    claims_ = add(
        "claims", "run the studies of claims and print their verdicts", subject
    )
    claims_.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    claims_.add_argument("--json", action="store_true", help="as JSON, every digit")
    _of_judge(add("judge", "let a language model explain and predict latents", subject))
    _of_papers(add("papers", "measure the papers' own SAEs, fetched from the hub"))
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
    add("gates", "what the language model answers rightly in context", subject)
    add("site", "which layer a rule chooses for the language model, and why", subject)
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


def _of_judge(judge: argparse.ArgumentParser) -> None:
    """Who judges, and what."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("--base-url", {"required": True, "metavar": "URL",
            "help": "an OpenAI-compatible endpoint, up to its version "
            "(http://localhost:11434/v1)"}),
        ("--model", {"required": True, "help": "what it calls the language model"}),
        ("--key-variable", {"metavar": "NAME",
            "help": "the environment variable with the key, '' for none; default: "
            "OPENAI_API_KEY for https, none for http"}),
        ("--latents", {"type": int, "default": 20, "metavar": "N",
            "help": "how many of each dictionary (default: 20)"}),
        ("--of", {"nargs": "+", "default": ["SAE"], "metavar": "NAME",
            "help": "dictionaries: SAE (default), coordinates, 'random directions', "
            "PCA, ICA"}),
        ("--no-null", {"action": "store_true",
            "help": "no predictions from another latent's explanation; about half the "
            "requests"}),
        ("--price-in", {"type": float, "metavar": "X",
            "help": "price of a million tokens sent, in any currency"}),
        ("--price-out", {"type": float, "metavar": "X",
            "help": "of a million answered"}),
        ("--limit", {"default": "max_tokens", "metavar": "NAME",
            "help": "what the endpoint calls the largest length of an answer"}),
        ("--timeout", {"type": float, "default": 60.0, "metavar": "SECONDS",
            "help": "for one answer (default: 60)"}),
        ("--yes", {"action": "store_true",
            "help": "send without asking; the cost is shown all the same"}),
        ("--out", {"type": Path, "metavar": "FILE",
            "help": "where the scores go, as JSON; default: beside the trained SAEs"}),
    ]  # fmt: skip
    for name, said in told:
        judge.add_argument(name, **said)


def _of_papers(papers: argparse.ArgumentParser) -> None:
    """Which release, and how much of it."""
    papers.add_argument("name", metavar="NAME", help="gpt2, pythia or gemma")
    papers.add_argument(
        "--part", nargs="+", metavar="PART",
        help="some of its parts ('widths', 'activations', ...); default: all, those "
        "that need no language model first",
    )  # fmt: skip
    papers.add_argument(
        "--dry-run", action="store_true", help="say what the parts cost and stop"
    )
    papers.add_argument(
        "--rows", type=int, default=50_000, metavar="N",
        help="tokens whose activations are read (default: 50,000)",
    )  # fmt: skip
    papers.add_argument(
        "--text", type=Path, metavar="FILE",
        help="a text to read; default: a small data set of the hub",
    )  # fmt: skip
    papers.add_argument(
        "--model", metavar="FOLDER", help="the language model, if you have it already"
    )
    papers.add_argument("--out", type=Path, metavar="FILE", help="where results go")


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
