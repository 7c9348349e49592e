"""The one order of claims on the site: that of the chapters."""

from pathlib import Path
from typing import Any

from saecore.report.judging.claim import Claim


def chapters(contents: Path) -> list[str]:
    """The pages of a table of contents (_toc.yml), each before those below it."""
    import yaml

    toc = yaml.safe_load(contents.read_text(encoding="utf-8"))
    parts = toc.get("parts", [])
    return [
        name
        for part in parts
        for chapter in part["chapters"]
        for name in _with_sections(chapter)
    ]


def _with_sections(page: dict[str, Any]) -> list[str]:
    below = [name for one in page.get("sections", []) for name in _with_sections(one)]
    return [page["file"], *below]


def claims_in_order(contents: Path) -> list[Claim]:
    """The claims of book/claims.toml as their pages follow each other; those without a
    page come last.
    """
    pages = chapters(contents)
    claims = [Claim.read(name) for name in Claim.names()]
    return sorted(
        claims,
        key=lambda c: pages.index(c.notebook) if c.notebook in pages else len(pages),
    )
