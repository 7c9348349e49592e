"""All that the staged book includes and that comes from stored results: the first
page's table, the statements, the cards, the costs.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from saecore.book import claims_table, provenance, tested
from saecore.book.front.cards import write_cards
from saecore.book.front.definitions import definitions_markdown, words_defined
from saecore.book.front.first_page import answer_text, glance
from saecore.book.front.glossary import (
    glossary_csv,
    glossary_markdown,
    linked_spellings,
    terms,
)
from saecore.book.front.headline import front_words
from saecore.book.front.not_reproduced import (
    deviations,
    not_reproduced_markdown,
    stated_details,
)
from saecore.book.front.order import claims_in_order
from saecore.papers.page import papers_markdown


def write_generated(
    root: Path,
    target: Path,
    *,
    pages: Path,
    results: Iterable[Path],
    facts: Mapping[str, Any],
    present: Collection[str],
    stopped: Mapping[str, str],
) -> dict[str, str]:
    """Fill `target`/_generated, and `target`/_extra with what is copied to the root of
    the site.

    `pages` is the folder of executed notebooks; `results` are folders of verdicts, a
    later one wins; `facts` is provenance.json; `present` are the pages that are there,
    `stopped` those that do not suit the model, with the reason. Returns the claim of
    each page whose card was written.
    """
    results, front = list(results), front_words(root)
    claims = claims_in_order(root / "book" / "_toc.yml")
    found = claims_table.collect(results)
    run = (Path(facts["profile"]).name, facts["world_seed"]) if stopped else ("", 0)
    cards = write_cards(
        target / "_extra" / "cards", claims, found, front, date=facts.get("date", "–")
    )
    made = {
        "answer": answer_text(found, front),
        "glance": glance(claims, found, present, front),
        "claims": claims_table.claims_markdown(
            results, present, claims=claims, stopped=stopped, run=run
        ),
        "not_reproduced": not_reproduced_markdown(
            list(deviations(claims, found, stated_details(root))),
            front.get("subjects", {}),
        ),
        "definitions": definitions_markdown(words_defined(root), pages),
        "cards": "\n".join(_shown(claim) for claim in claims if claim.name in cards),
        "tested": tested.faults_markdown(root / "book" / "results" / "faults"),
        "papers": papers_markdown(root / "book" / "results" / "papers"),
        "provenance": provenance.provenance_markdown(dict(facts)),
    }
    _write_glossary(target, root)
    for name, text in made.items():
        path = target / "_generated" / f"{name}.md"
        path.write_text(text.rstrip() + "\n", encoding="utf-8")
    return {claim.notebook: claim.name for claim in claims if claim.name in cards}


def _write_glossary(target: Path, root: Path) -> None:
    """Its page, its table for others, and the spellings that are linked."""
    stated = terms(root)
    made = {
        "_generated/glossary.md": glossary_markdown(stated),
        "_generated/terms.json": json.dumps(linked_spellings(stated), indent=1),
        "_extra/data/glossary.csv": glossary_csv(stated),
    }
    for name, text in made.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")


def _shown(claim: Any) -> str:
    """A card on the page of cards, with its two files."""
    files = " ".join(
        f'<a href="cards/{claim.name}.{kind}">{claim.name}.{kind}</a>'
        for kind in ("svg", "json")
    )
    picture = (
        f'<img class="sae-card-picture" src="cards/{claim.name}.svg" width="720" '
        f'alt="Card: {claim.says}">'
    )
    return f"<p>{picture}<br>{files}</p>\n"
