"""The files that others can embed or read: cards/<claim>.svg and cards/<claim>.json,
made of stored verdicts.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

from saecore.book.front.card_drawing import SubjectRow, card_svg
from saecore.book.front.headline import Headline, Measurement, headline
from saecore.report.judging.card import Twin
from saecore.report.judging.claim import Claim

BOOK = "What Do Sparse Autoencoders Find?"


def write_cards(
    folder: Path,
    claims: Sequence[Claim],
    runs: Mapping[str, Mapping[tuple[str, int], Twin]],
    front: Mapping[str, Any],
    *,
    date: str,
) -> list[str]:
    """Both files of each claim that has a verdict, below `folder`; the names of these
    claims. `date` is that of the run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    judged = [claim for claim in claims if runs.get(claim.name)]
    for claim in judged:
        twins = list(runs[claim.name].values())
        rows = [_row(twin, front) for twin in twins]
        place = f"{claim.source}: “{claim.sentence}”"
        svg = card_svg(claim.says, place, rows, sign=f"{BOOK} Run of {date}.")
        (folder / f"{claim.name}.svg").write_text(
            xml.tostring(svg, encoding="unicode") + "\n", encoding="utf-8"
        )
        (folder / f"{claim.name}.json").write_text(
            json.dumps(_data(claim, twins, front, date), indent=1, ensure_ascii=False)
            + "\n",
            encoding="utf-8",
        )
    return [claim.name for claim in judged]


def _row(twin: Twin, front: Mapping[str, Any]) -> SubjectRow:
    named = front.get("subjects", {}).get(twin["profile"], twin["profile"])
    seed = f"{named}, world seed {twin['world_seed']}"
    return SubjectRow(seed, twin["verdict"], headline(twin, front))


def _data(
    claim: Claim, twins: Sequence[Twin], front: Mapping[str, Any], date: str
) -> dict[str, Any]:
    stated = {"claim": claim.name, "says": claim.says, "sentence": claim.sentence}
    stated |= {"source": claim.source, "arxiv": claim.paper}
    stated |= {"page": f"../{claim.notebook}.html", "date": date}
    return stated | {"subjects": [_subject(twin, front) for twin in twins]}


def _subject(twin: Twin, front: Mapping[str, Any]) -> dict[str, Any]:
    registered = twin["registered"]
    parts = [*twin["parts"], *twin["left_out"]]
    kept = ("name", "says", "core", "verdict", "written")
    return {
        "profile": twin["profile"],
        "world_seed": twin["world_seed"],
        "scope": twin["scope"],
        "verdict": twin["verdict"],
        "registered": registered
        and {name: registered[name] for name in ("world_seed", "verdict")},
        "headline": _numbers(headline(twin, front)),
        "statements": [{name: part[name] for name in kept} for part in parts],
    }


def _numbers(shown: Headline) -> dict[str, Any]:
    return {
        "says": shown.part["says"],
        "number": _ends(shown.number, shown.words),
        "compared_with": _ends(shown.null, shown.null_words),
        "papers": shown.papers,
    }


def _ends(number: Measurement | None, words: str) -> dict[str, Any] | None:
    if number is None:
        return None
    return {"words": words, **dict(zip(("value", "low", "high"), number, strict=True))}
