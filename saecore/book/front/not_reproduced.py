"""What did not come out as its paper says, in the committed results: what we got, and
the detail on which that hangs.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saecore.book.claims_table import verdict_badge
from saecore.report.digits import beside, people_text
from saecore.report.judging.card import Twin
from saecore.report.judging.claim import Claim

NOT_TESTED = ("not tested", "not compared")
_HEAD = "| statement | what we got | what it hangs on |\n|---|---|---|\n"


class Deviation(NamedTuple):
    """A statement that did not hold, or could not be told, on one subject."""

    claim: Claim
    """Whose statement it is."""
    twin: Twin
    """The verdict that it stands in."""
    part: Twin
    """The statement as it was judged."""
    detail: str
    """What it hangs on; "" if nobody has said."""


def stated_details(root: Path) -> dict[str, Any]:
    """book/not_reproduced.toml of a checkout; empty if there is none."""
    path = root / "book" / "not_reproduced.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def deviations(
    claims: Sequence[Claim],
    runs: Mapping[str, Mapping[tuple[str, int], Twin]],
    stated: Mapping[str, Any],
) -> Iterator[Deviation]:
    """Every statement whose verdict is another than "holds", in the order of claims."""
    for claim in claims:
        for (profile, _), twin in runs.get(claim.name, {}).items():
            for part in twin["parts"]:
                if part["verdict"] != "holds":
                    key = (profile, claim.name, part["name"])
                    yield Deviation(claim, twin, part, _detail(key, stated))


def _detail(key: tuple[str, str, str], stated: Mapping[str, Any]) -> str:
    """The words for this subject, else those for all."""
    profile, claim, part = key
    own = stated.get(profile, {}).get(claim, {}).get(part)
    return own or stated.get(claim, {}).get(part, "")


def not_reproduced_markdown(
    found: Sequence[Deviation], names: Mapping[str, str]
) -> str:
    """Two tables: what the paper reports and we did not find, and what only we asked.

    `names` are those of the subjects, for people.
    """
    reported = [one for one in found if not one.part["paper"].startswith(NOT_TESTED)]
    ours = [one for one in found if one.part["paper"].startswith(NOT_TESTED)]
    return (
        f"## What the papers report\n\n{_table(reported, names)}\n"
        f"## What only this book asked\n\n{_table(ours, names)}"
    )


def _table(found: Sequence[Deviation], names: Mapping[str, str]) -> str:
    if not found:
        return "Nothing.\n"
    rows = "".join(_row(one, names) for one in found)
    return f":::{{container}} sae-deviations\n{_HEAD}{rows}:::\n"


def _row(one: Deviation, names: Mapping[str, str]) -> str:
    part = one.part
    name = names.get(one.twin["profile"], one.twin["profile"])
    says = f"**{part['says']}**" if part["core"] else part["says"]
    claim = f"[{one.claim.says}]({one.claim.notebook}.ipynb); {name}"
    return (
        f"| {says} [{claim}]{{.sae-small}} | {_found(part, one.twin)} | "
        f"{one.detail or 'not looked into'} |\n"
    )


def _found(part: Twin, twin: Twin) -> str:
    """Verdict and number, what it is compared with, and what the paper has."""
    number, null = (twin["numbers"].get(part[name]) for name in ("shows", "null"))
    text = verdict_badge(part["verdict"])
    text += f" {people_text(*number)}" if number else ""
    if number and null:
        text += f" [against {beside(number, null)}]{{.sae-small}}"
    return text + f" [paper: {part['paper']}]{{.sae-small}}" * bool(part["paper"])
