"""All statements of all claims with their verdicts, generated from what is stored: no
number in it is typed.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from saecore.book.notes.unsuited_pages import code, escaped
from saecore.report.digits import beside, people_text
from saecore.report.judging.card import LEFT_OUT, VERDICT_CSS
from saecore.report.judging.claim import Claim
from saecore.report.judging.rule import Part

_HEAD = (
    "| the claim says | verdict | measured [interval over seeds] | compared with | in "
    "the paper |\n"
    "|---|---|---|---|---|\n"
)
_NOT_RUN = f"[{LEFT_OUT}]{{.sae-badge .sae-open}}"


def collect(folders: Iterable[Path]) -> dict[str, dict[tuple[str, int], Any]]:
    """Stored verdicts by claim, then profile and world seed; a later folder wins over
    an earlier one. What else is stored there, such as times, is no verdict.
    """
    found: dict[str, dict[tuple[str, int], Any]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*/*.json")):
            verdict = json.loads(path.read_text(encoding="utf-8"))
            if "claim" in verdict:
                run = verdict["profile"], verdict["world_seed"]
                found.setdefault(verdict["claim"], {})[run] = verdict
    return found


def claims_markdown(
    folders: Iterable[Path],
    present: Collection[str],
    *,
    claims: Sequence[Claim] | None = None,
    stopped: Mapping[str, str] | None = None,
    run: tuple[str, int] = ("", 0),
) -> str:
    """One section per claim and run: the verdict, then a row per part. Pages in
    `present` are linked. The `claims` are those of claims.toml unless they are given.

    `stopped` are the pages that do not suit the model of this `run` (profile and world
    seed), with the reason: it stands in the place of the verdict.
    """
    results = collect(folders)
    sections = []
    for claim in claims or [Claim.read(name) for name in Claim.names()]:
        runs, why = results.get(claim.name, {}), (stopped or {}).get(claim.notebook)
        left = {run: why} if why and run not in runs else {}
        sections.append(_section(claim, runs, claim.notebook in present, left))
    return "\n".join(sections)


def _section(
    claim: Claim,
    runs: dict[tuple[str, int], Any],
    linked: bool,
    left: dict[tuple[str, int], str],
) -> str:
    page = f" [Its page]({claim.notebook}.ipynb)." if linked else ""
    said = f"“{claim.sentence}” {{cite:p}}`{claim.cite}`{page}"
    lines = [f"## {claim.says}", "", said, "", *_rule(claim)]
    if not runs and not left:
        lines += ["This claim has not been run yet.", ""]
    for (profile, world_seed), result in runs.items():
        lines += [_run(profile, world_seed, result), ""]
        rows = "".join(_row(part, result) for part in claim.parts)
        lines += [f":::{{container}} sae-claims\n{_HEAD}{rows}:::", ""]
    for (profile, world_seed), why in left.items():
        note = (
            f"On {code(profile)}, world seed {world_seed}: {_NOT_RUN}: {escaped(why)}."
        )
        lines += [note, ""]
    return "\n".join(lines) + "\n"


def _rule(claim: Claim) -> list[str]:
    """What is measured and how it is judged, folded."""
    return [":::{dropdown} How it is judged", escaped(claim.rule.strip()), ":::", ""]


def _run(profile: str, world_seed: int, result: dict[str, Any]) -> str:
    """The verdict of a run, that of the registered run, and the scope of both."""
    said = f"On {code(profile)}, world seed {world_seed}: "
    said += verdict_badge(result["verdict"])
    if registered := result.get("registered"):
        found = verdict_badge(registered["verdict"])
        said += f"; registered run, world seed {registered['world_seed']}: {found}"
    scope = result.get("scope")
    return f"{said}. {escaped(scope)}." if scope else said


def _row(part: Part, result: dict[str, Any]) -> str:
    judged = {item["name"]: item["verdict"] for item in result["parts"]}
    numbers = result["numbers"]
    shown = people_text(*numbers[part.shows]) if part.shows in numbers else "–"
    null = (
        beside(numbers[part.shows], numbers[part.null])
        if {part.shows, part.null} <= numbers.keys()
        else "–"
    )
    verdict = verdict_badge(judged[part.name]) if part.name in judged else LEFT_OUT
    registered = (result.get("registered") or {"parts": {}})["parts"].get(part.name)
    if registered and registered != judged.get(part.name):
        verdict += f" (registered run: {verdict_badge(registered)})"
    says = f"**{part.says}**" if part.core else part.says
    says += f" [Rule written: {escaped(part.written)}]{{.sae-small}}" * bool(
        part.written
    )
    return f"| {says} | {verdict} | {shown} | {null} | {part.paper or '–'} |\n"


def verdict_badge(verdict: str) -> str:
    """A verdict as a coloured word, in MyST."""
    return f"[{verdict}]{{.sae-badge .sae-{VERDICT_CSS[verdict]}}}"
