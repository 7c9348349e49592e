"""The glossary as a page, as a table, and as links."""

import csv
import io
from pathlib import Path

from saecore.book.front.glossary import (
    PAPERS,
    glossary_csv,
    glossary_markdown,
    linked_spellings,
    terms,
)

ROOT = Path(__file__).parents[3]


def test_every_term_names_pages_and_papers_that_exist_and_is_spelled_once():
    stated = terms(ROOT)
    assert len(stated) >= 40
    said = [s for term in stated for s in (term["name"], *term.get("also", []))]
    assert len(said) == len(set(said))
    for term in stated:
        assert set(term.get("papers", {})) <= set(PAPERS), term["name"]
        page = term["page"]
        assert (ROOT / f"{page}.py").is_file() or (
            ROOT / "book" / f"{page}.md"
        ).is_file()
    assert {key for term in stated for key in term.get("papers", {})} == set(PAPERS)


def test_a_term_says_what_papers_and_libraries_call_it():
    text = glossary_markdown(terms(ROOT))
    entry = text.split("\nnovel latent\n")[1].split("\noptional")[0]
    assert "{cite:t}`leask2025canonical`: novel latent" in entry
    assert text.startswith("```{glossary}\n")


def test_the_table_has_a_line_per_term_and_a_column_per_paper():
    stated = terms(ROOT)
    head, *rows = csv.reader(io.StringIO(glossary_csv(stated)))
    assert [row[0] for row in rows] == [term["name"] for term in stated]
    assert all(len(row) == len(head) for row in rows)
    assert head[3:7] == list(PAPERS.values())


def test_words_of_everyday_use_are_not_linked():
    found = linked_spellings(terms(ROOT))
    assert found["latents"] == "latent"
    assert "row" not in found
