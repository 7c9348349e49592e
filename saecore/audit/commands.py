"""What `saecore audit` does: measure, print, write the page and the JSON."""

import argparse
import json
import sys
from pathlib import Path

from saecore.audit.numbers import SECTIONS, AuditNumber
from saecore.audit.page import as_page, null_in_words, number_in_words
from saecore.audit.report import AuditReport
from saecore.audit.work import audited
from saecore.profiles import Profile


def run_audit(options: argparse.Namespace, profile: Profile | None) -> None:
    """The command, as it was said. JSON goes to standard output, alone."""
    if options.schema:
        from saecore.audit.schema import SCHEMA

        print(json.dumps(SCHEMA, indent=1))
        return
    if options.sae is None:
        raise ValueError("an audit needs an SAE, but none was named: saecore audit SAE")
    report = audited(
        spelled_sae(options.sae),
        model=options.model,
        text=options.text,
        against=[spelled_sae(one) for one in options.against],
        hook=options.hook,
        rows=options.rows,
        threshold=options.threshold,
        exact_up_to=options.exact_up_to,
        say=lambda line: print(f"   {line}", file=sys.stderr, flush=True),
    )
    if options.html is not None:
        _write_page(options.html, as_page(report))
        print(f"   the report: {options.html}", file=sys.stderr)
    print(as_json_text(report) if options.json else as_lines_of(report))


def _write_page(path: Path, page: str) -> None:
    """In one step: a kill leaves the old page, never half a page."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(page, encoding="utf-8", errors="replace")
    part.replace(path)


def spelled_sae(said: str) -> str | tuple[str, str]:
    """A path, or a release and an id of SAELens with a colon between them."""
    release, colon, name = said.partition(":")
    if colon and not Path(said).exists() and "/" not in release:
        return release, name
    return said


def as_json_text(report: AuditReport) -> str:
    """The report as JSON, every digit."""
    return json.dumps(report.as_json(), indent=1, allow_nan=False)


def as_lines_of(report: AuditReport) -> str:
    """The report as lines for a terminal."""
    lines = [f"Audit of {report.sae['name']}", report.rows or "weights alone"]
    for section, title in SECTIONS.items():
        lines += ["", title]
        if told := report.told.get(section):
            lines.append(f"   {told}")
        lines += _numbers_of(report.of(section))
        lines += [
            f"   not measured: {one.why}"
            for one in report.not_measured
            if one.section == section
        ]
    return "\n".join(lines)


def _numbers_of(numbers: list[AuditNumber]) -> list[str]:
    """A line for each number, below what several are of."""
    lines, of = [], ""
    for one in numbers:
        if one.of != of:
            of = one.of
            lines.append(f"   {of}")
        null = null_in_words(one)
        beyond = "" if null == "–" else f"   (null {null})"
        lines.append(f"      {one.name}: {number_in_words(one)}{beyond}")
    return lines
