"""Where the book's files are: in the source checkout that the package was imported
from, if it was.
"""

import os
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
LOCAL_RESULTS = Path("results")
"""Where verdicts go if nothing says another place: below the folder of the reader."""


class ReportError(Exception):
    """Something the user can put right; its message is one sentence and is shown
    without a traceback.
    """


def checkout() -> Path | None:
    """The root of the source checkout, or None if saecore was installed as a
    package.
    """
    root = PACKAGE.parent
    return (
        root
        if (root / "pyproject.toml").is_file() and (root / "book").is_dir()
        else None
    )


def required_checkout() -> Path:
    """The root of the source checkout. Raises ReportError if there is none."""
    root = checkout()
    if root is None:
        raise ReportError(
            "the book is built from a checkout of its repository, but saecore was "
            f"imported from {PACKAGE}: clone the repository and run the command there"
        )
    return root


def claims_file() -> Path:
    """book/claims.toml of the checkout, or the copy that an installed package
    carries.
    """
    root = checkout()
    return (
        root / "book" / "claims.toml"
        if root
        else Path(__file__).with_name("claims.toml")
    )


def seeds_file() -> Path:
    """book/seeds.toml, beside the claims."""
    return claims_file().with_name("seeds.toml")


def bench_folder() -> Path:
    """book/results/bench of the checkout, or the copy that an installed package
    carries.
    """
    root = checkout()
    return (
        root / "book" / "results" / "bench"
        if root
        else Path(__file__).with_name("bench")
    )


def results_folder() -> Path:
    """Where `conclude` writes: $SAECORE_RESULTS, else _build/results of the checkout,
    else ./results.
    """
    if named := os.environ.get("SAECORE_RESULTS"):
        return Path(named)
    root = checkout()
    return root / "_build" / "results" if root else LOCAL_RESULTS
