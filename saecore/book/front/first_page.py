"""The answer of the book on one screen: two sentences, and a table of claims by
subjects.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from saecore.book.claims_table import verdict_badge
from saecore.book.front.headline import headline
from saecore.book.notes.unsuited_pages import code
from saecore.report.digits import beside, people_text
from saecore.report.judging.card import LEFT_OUT, Twin
from saecore.report.judging.claim import Claim

VerdictsByRun = Mapping[str, Mapping[tuple[str, int], Twin]]
"""Verdicts by claim, then profile and world seed, as `claims_table.collect` has
them."""


def answer_text(runs: VerdictsByRun, front: Mapping[str, Any]) -> str:
    """The sentences of front.toml whose verdicts are still those that they rest on; if
    one no longer stands, how many claims got which verdict, in its place.
    """
    found = {
        f"{profile}.{claim}": twin["verdict"]
        for claim, of_claim in runs.items()
        for (profile, _), twin in of_claim.items()
    }
    stated = front.get("answer", [])
    if stated and all(
        _stands(line, found) for one in stated for line in one["rests_on"]
    ):
        return " ".join(one["says"].strip() for one in stated)
    return counted(runs, front)


def _stands(line: str, found: Mapping[str, str]) -> bool:
    """Whether a verdict is still one of those that a line names, such as
    `tiny.erasure: does not hold or cannot be told`.
    """
    subject, _, verdicts = line.partition(": ")
    return found.get(subject) in verdicts.split(" or ")


def counted(runs: VerdictsByRun, front: Mapping[str, Any]) -> str:
    """A sentence per subject: of how many claims what was found."""
    lines = []
    for profile, says in _columns(runs, front).items():
        verdicts = [
            twin["verdict"]
            for of_claim in runs.values()
            for (name, _), twin in of_claim.items()
            if name == profile
        ]
        each = [f"{verdicts.count(v)} “{v}”" for v in dict.fromkeys(verdicts)]
        lines.append(f"{says[:1].upper()}{says[1:]}: of {len(verdicts)} claims ")
        lines[-1] += f"{', '.join(each)}."
    return " ".join(lines)


def glance(
    claims: Sequence[Claim],
    runs: VerdictsByRun,
    present: Collection[str],
    front: Mapping[str, Any],
) -> str:
    """A row per claim, a column per subject with verdict and headline number; claims
    whose page is `present` are linked.
    """
    columns = _columns(runs, front)
    head = f"| claim | {' | '.join(columns.values())} |\n|---|{'---|' * len(columns)}\n"
    rows = [
        f"| {_name(claim, claim.notebook in present, front)} | "
        f"{' | '.join(_cell(claim.name, runs, p, front) for p in columns)} |\n"
        for claim in claims
    ]
    return f":::{{container}} sae-glance\n{head}{''.join(rows)}:::\n"


def _columns(runs: VerdictsByRun, front: Mapping[str, Any]) -> dict[str, str]:
    """The subjects that have results: those of front.toml in its order, then others by
    their names.
    """
    has = {profile for of_claim in runs.values() for profile, _ in of_claim}
    named = {p: says for p, says in front.get("subjects", {}).items() if p in has}
    return named | {profile: code(profile) for profile in sorted(has - named.keys())}


def _name(claim: Claim, linked: bool, front: Mapping[str, Any]) -> str:
    """What is claimed, in small print by whom, and what the number of its row is."""
    says, number = front.get("short", {}).get(claim.name, (claim.says, ""))
    name = f"[{says}]({claim.notebook}.ipynb)" if linked else says
    return f"{name} [{{cite:t}}`{claim.cite}`: {number}]{{.sae-small}}"


def _cell(
    claim: str, runs: VerdictsByRun, profile: str, front: Mapping[str, Any]
) -> str:
    of_claim = runs.get(claim, {})
    cells = [_found(t, front) for (name, _), t in of_claim.items() if name == profile]
    why = front.get("without", {}).get(profile, {}).get(claim, "not asked")
    return " ".join(cells) or f"[{why}]{{.sae-aside}}"


def _found(twin: Twin, front: Mapping[str, Any]) -> str:
    """Verdict and number; in small print what it is compared with, and the registered
    run's verdict if that is another.
    """
    shown, registered = headline(twin, front), twin["registered"]
    number = people_text(*shown.number) if shown.number else LEFT_OUT
    small = []
    if shown.number and shown.null:
        small.append(f"against {beside(shown.number, shown.null)}")
    if registered and registered["verdict"] != twin["verdict"]:
        small.append(f"registered run: {registered['verdict']}")
    text = f"{verdict_badge(twin['verdict'])} [{number}]{{.sae-number}}"
    return text + f" [{'; '.join(small)}]{{.sae-small}}" * bool(small)
