"""What a benchmark found, as a small file: numbers for the goals, rows for figures,
and the machine and date."""

import argparse
import datetime
import json
import warnings
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from saecore.book.provenance import machine

PACKAGES = (
    *("torch", "numpy", "scipy", "scikit-learn", "numba"),
    *("sae-lens", "eai-sparsify", "dictionary-learning"),
)
DIGITS = 4
"""Significant ones that are kept."""


def options(doc: str | None) -> argparse.ArgumentParser:
    """The options of a benchmark; what it does stands in its docstring. One thread, no
    warnings of peers.
    """
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="also store the figures there")
    return parser


def write(
    path: Path | None,
    numbers: Mapping[str, float],
    rows: Sequence[Mapping[str, Any]] = (),
    *,
    not_run: Mapping[str, str] | None = None,
) -> None:
    """Store the figures if a place is given. `numbers` are what goals are held against,
    `not_run` says what is missing, and why.
    """
    if path is None:
        return
    found = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine() | {"threads": torch.get_num_threads()},
        "packages": versions(),
        "numbers": {name: rounded(number) for name, number in numbers.items()},
        "rows": [{k: rounded(v) for k, v in row.items()} for row in rows],
        "not_run": dict(not_run or {}),
    }
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def versions() -> dict[str, str]:
    """Of what is installed among the packages that decide a time."""
    installed = {one.name for one in metadata.distributions()}
    named = {name.replace("_", "-"): name for name in installed}
    return {name: metadata.version(named[name]) for name in PACKAGES if name in named}


def rounded(value: Any) -> Any:
    """A number with the digits that are kept; anything else as it is."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
