"""`saecore claims --stored`: the committed verdicts as a table; nothing is run."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from saecore.report import Claim
from saecore.report.digits import beside, people_text
from saecore.report.judging.real_model import REAL
from saecore.report.judging.stored_runs import StoredTwin
from saecore.report.paths import ReportError, claims_file

STORED_SUBJECTS = ("tiny", "world", REAL)
"""What the shipped notebooks judge, and the real model beside them."""


def committed_verdicts(
    names: Sequence[str] = (), results: Path | None = None
) -> list[StoredTwin]:
    """The verdicts of the committed pages on some claims, by default on all, in the
    book's order. Raises ReportError for a claim that has none.
    """
    results = results or claims_file().with_name("results")
    paths = {
        (name, subject): results / subject / f"{name}.json"
        for name in names or Claim.names()
        for subject in STORED_SUBJECTS
    }
    found = {key: path for key, path in paths.items() if path.is_file()}
    if none := sorted(set(names) - {name for name, _ in found}):
        known = sorted({path.stem for path in results.glob("*/*.json")})
        raise ReportError(
            f"verdicts are stored of {', '.join(known)}, but {', '.join(none)} was "
            "asked for: choose from these"
        )
    return [json.loads(path.read_text(encoding="utf-8")) for path in found.values()]


def as_table(twins: Iterable[StoredTwin]) -> str:
    """A line per claim and subject: its verdict, and the first number that it rests on
    beside chance.
    """
    head = ("claim", "on", "verdict", "measured", "compared with")
    rows = [head, *(_row(twin) for twin in twins)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{n}}" for cell, n in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _row(twin: StoredTwin) -> tuple[str, ...]:
    numbers = twin["numbers"]
    part = next((one for one in twin["parts"] if one["shows"] in numbers), None)
    shown = null = "–"
    if part:
        shown = people_text(*numbers[part["shows"]])
        if part["null"] in numbers:
            null = _null(numbers, part)
    return twin["claim"], twin["profile"], twin["verdict"], shown, null


def _null(numbers: Any, part: Any) -> str:
    return beside(numbers[part["shows"]], numbers[part["null"]])
