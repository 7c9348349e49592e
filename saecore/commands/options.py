"""Options of the commands on other models, other people's SAEs and other machines."""

import argparse
from pathlib import Path
from typing import Any


def of_batch(batch: argparse.ArgumentParser, subject: argparse.ArgumentParser) -> None:
    """A plan of jobs, some of them, and what came of them."""
    acts = batch.add_subparsers(required=True, metavar="ACT", dest="act")
    plan = acts.add_parser(
        "plan", help="write the jobs of the book or of a sweep", parents=[subject]
    )
    make = acts.add_parser("make", help="make jobs of a plan, as far as missing")
    table = acts.add_parser("table", help="what was made, its checksums compared")
    for one in (plan, make, table):
        one.add_argument("file", type=Path, metavar="PLAN")
    plan.add_argument(
        "--sweep",
        type=Path,
        metavar="TOML",
        help="models, layers, seeds and fields of recipes; default: the book",
    )
    plan.add_argument(
        "--bundle",
        type=float,
        metavar="SECONDS",
        help="shorter jobs are put together until they are as long (default: 120)",
    )
    make.add_argument(
        "names", nargs="+", metavar="JOB", help="a name, or the beginning of a key"
    )
    make.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    table.add_argument("--out", type=Path, metavar="JSON", required=True)


def of_judge(judge: argparse.ArgumentParser) -> None:
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


def of_audit(audit: argparse.ArgumentParser) -> None:
    """Which SAE, and what it is measured with."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("sae", {"nargs": "?", "metavar": "SAE",
            "help": "a folder, a file, or RELEASE:ID of SAELens"}),
        ("--against", {"nargs": "+", "default": [], "metavar": "SAE",
            "help": "other SAEs of the same site: seeds, or narrower ones"}),
        ("--model", {"metavar": "M",
            "help": "the language model: tiny, smollm2, a folder or a name on the hub; "
            "without it the weights alone are measured"}),
        ("--text", {"type": Path, "metavar": "FILE",
            "help": "a text that it reads; default: the profile's text"}),
        ("--rows", {"type": int, "default": 50_000, "metavar": "N",
            "help": "tokens that are read (default: 50,000)"}),
        ("--hook", {"default": "", "metavar": "NAME",
            "help": "the site, where the SAE does not say it "
            "(blocks.8.hook_resid_post)"}),
        ("--threshold", {"type": float, "metavar": "COSINE",
            "help": "from which directions count as the same (default: 0.7)"}),
        ("--exact-up-to", {"type": int, "default": 32_768, "metavar": "WIDTH",
            "help": "wider SAEs are compared by mutual nearest neighbours, by shards "
            "(default: 32,768 latents)"}),
        ("--html", {"type": Path, "metavar": "FILE",
            "help": "write the report as one page, with figures"}),
        ("--json", {"action": "store_true", "help": "as JSON, for programs"}),
        ("--schema", {"action": "store_true", "help": "the JSON's schema, and stop"}),
    ]  # fmt: skip
    for name, said in told:
        audit.add_argument(name, **said)


def of_papers(papers: argparse.ArgumentParser) -> None:
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
