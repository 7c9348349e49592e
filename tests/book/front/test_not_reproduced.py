"""What did not come out as its paper says."""

from pathlib import Path

from saecore.book.claims_table import collect
from saecore.book.front.not_reproduced import (
    deviations,
    not_reproduced_markdown,
    stated_details,
)
from saecore.report.judging.claim import Claim

ROOT = Path(__file__).parents[3]


def test_every_statement_that_does_not_hold_has_its_detail_and_no_detail_is_idle():
    claims = [Claim.read(name) for name in Claim.names()]
    stated = stated_details(ROOT)
    found = list(deviations(claims, collect([ROOT / "book" / "results"]), stated))
    assert [d.part["name"] for d in found if not d.detail] == []
    keys = {(d.twin["profile"], d.claim.name, d.part["name"]) for d in found}
    used = {(claim, part) for _, claim, part in keys}
    for claim, parts in stated.items():
        if claim not in Claim.names():  # a subject
            own = {(claim, c, p) for c, of_claim in parts.items() for p in of_claim}
            assert own <= keys
        else:
            assert {(claim, part) for part in parts} <= used


def test_words_for_a_subject_go_before_words_for_all(claim, runs):
    stated = {
        "seed_dependence": {"differ": "for all"},
        "world": {"seed_dependence": {"differ": "here"}},
    }
    found = {
        (d.twin["profile"], d.part["name"]): d.detail
        for d in deviations([claim], runs, stated)
    }
    assert found["world", "differ"] == "here"
    assert ("tiny", "differ") not in found


def test_what_a_paper_reports_stands_apart_from_what_only_we_asked(claim, runs):
    found = list(deviations([claim], runs, {}))
    text = not_reproduced_markdown(found, {"world": "made world"})
    reported, ours = text.split("## What only this book asked")
    part = next(d for d in found if d.part["name"] == "differ").part
    assert f"**{part['says']}**" in reported
    assert "made world" in reported
    assert "not looked into" in reported
    assert part["says"] not in ours
    assert "Nothing." in not_reproduced_markdown([], {})
