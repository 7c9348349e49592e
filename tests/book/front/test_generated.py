"""All that the staged book includes."""

import json
from pathlib import Path

from saecore.book import provenance
from saecore.book.front.generated import write_generated

ROOT = Path(__file__).parents[3]


def written(target: Path, **changed) -> dict[str, str]:
    book = ROOT / "book"
    facts = provenance.read(book / "notebooks" / "provenance.json")
    asked = {"pages": book / "notebooks", "results": [book / "results"]}
    asked |= {"facts": facts, "present": {"notebooks/absorption"}, "stopped": {}}
    return write_generated(ROOT, target, **(asked | changed))


def test_every_file_that_a_page_includes_is_made(tmp_path):
    cards = written(tmp_path)
    for page in (ROOT / "book").glob("*.md"):
        for line in page.read_text(encoding="utf-8").splitlines():
            by_others = "_generated/teaching/" in line or "measures.md" in line
            if line.startswith("```{include} ") and not by_others:
                assert (tmp_path / line.split()[-1]).is_file(), page.name
    assert cards["notebooks/absorption"] == "absorption"
    shown = (tmp_path / "_generated" / "cards.md").read_text()
    for name in cards.values():
        assert f'src="cards/{name}.svg"' in shown
        assert (tmp_path / "_extra" / "cards" / f"{name}.json").is_file()
    assert (tmp_path / "_extra" / "data" / "glossary.csv").is_file()
    assert json.loads((tmp_path / "_generated" / "terms.json").read_text())


def test_a_book_without_results_is_made_too(tmp_path):
    assert written(tmp_path, results=[], facts={}) == {}
    assert "not been run yet" in (tmp_path / "_generated" / "claims.md").read_text()


def test_claims_stand_in_the_order_of_the_chapters(tmp_path):
    written(tmp_path)
    first = (tmp_path / "_generated" / "glance.md").read_text()
    places = [
        first.index(f"cunningham2023sparse`: {n}") for n in ("expl", "lat", "harm")
    ]
    assert places == sorted(places)
    statements = (tmp_path / "_generated" / "claims.md").read_text()
    assert statements.startswith("## SAE latents are easier to explain")
