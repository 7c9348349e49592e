"""The figures that `make bench` stored: a file per benchmark, with numbers for the
goals, rows for the pictures, and the machine and date they were made on.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.paths import ReportError, bench_folder

Lines = list[dict[str, Any]]
NEVER_RUN = {
    "GPU": "not measured",
    "benchmarks/self_text.py": "it is no timing, and needs texts that are not shipped; "
    "what it found stands on the page on the two subjects",
}
"""What `make bench` never runs."""


class Speed(NamedTuple):
    """What the benchmarks found."""

    numbers: dict[str, float]
    """By `file/name`."""
    rows: dict[str, Lines]
    """By file."""
    made: dict[str, dict[str, Any]]
    """Date, machine and packages, by file."""
    not_run: dict[str, str]
    """What was left out of a file, by `file/name`, and why."""

    def of(self, file: str, **wanted: Any) -> Lines:
        """The rows of a file whose columns have the wanted values."""
        return [
            row
            for row in self.rows.get(file, [])
            if all(row.get(key) == value for key, value in wanted.items())
        ]

    def where(self) -> Lines:
        """On what each file was made, one line for all that agree."""
        lines: dict[tuple[Any, ...], list[str]] = {}
        for file, made in self.made.items():
            machine = made["machine"]
            key = (
                made["date"],
                machine["processor"],
                machine["cores"],
                machine["threads"],
                made["packages"].get("torch", "none"),
            )
            lines.setdefault(key, []).append(file)
        columns = ("date", "processor", "cores", "threads used", "torch")
        return [
            dict(zip(columns, key, strict=True)) | {"benchmarks": ", ".join(files)}
            for key, files in lines.items()
        ]

    def left_out(self) -> Lines:
        """What was not run, and why; the GPU never is."""
        reasons = NEVER_RUN | self.not_run
        return [{"what": name, "why": why} for name, why in reasons.items()]


def read_speed(folder: Path | None = None) -> Speed:
    """The stored figures. Raises ReportError if there are none."""
    folder = folder or bench_folder()
    files = {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}
    if not files:
        raise ReportError(
            f"the figures of the benchmarks must lie in {folder}, but there are none: "
            "run `make bench`"
        )
    return Speed(
        numbers=_named(files, "numbers"),
        rows={name: file["rows"] for name, file in files.items()},
        made={
            name: {key: file[key] for key in ("date", "machine", "packages")}
            for name, file in files.items()
        },
        not_run=_named(files, "not_run"),
    )


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _named(files: Mapping[str, Mapping[str, Any]], part: str) -> dict[str, Any]:
    return {
        f"{file}/{name}": value
        for file, found in files.items()
        for name, value in found[part].items()
    }
