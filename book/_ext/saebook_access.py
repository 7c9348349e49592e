"""What the theme and docutils leave to be wished by those who use a screen reader, put
right in the finished pages.
"""

import re
from pathlib import Path
from typing import Any

MENDED = (
    # the summary says "Show code cell source"; a label beside it says something else
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    # the field says "Search Ctrl+K", its label less
    (
        re.compile(
            r'(<button class="btn search-button-field [^>]*) aria-label="Search"'
        ),
        r"\1",
    ),
    # the arrow beside a chapter has no name
    (
        re.compile(
            r'(<a class="[^"]*reference internal[^"]*" href="[^"]*">)([^<]*)(</a>'
            r"<details[^>]*>)<summary>"
        ),
        r'\1\2\3<summary aria-label="Pages below: \2">',
    ),
    # logo and search stand outside of every landmark
    (
        re.compile(
            r'<div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar'
        ),
        r'<div role="complementary" aria-label="Contents of the book" '
        r'id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar',
    ),
    # references: a list whose children are no items, and a role that is no more
    (
        re.compile(r'<div role="list" class="citation-list">'),
        '<div class="citation-list">',
    ),
    (re.compile(r' role="doc-biblioentry"'), ""),
)
"""What is looked for in a page, and what takes its place."""


def mended(text: str) -> str:
    """The HTML of a page with all of it put right."""
    for pattern, better in MENDED:
        text = pattern.sub(better, text)
    return text


def mend_pages(app: Any, exception: Exception | None) -> None:
    """All pages of the site, after they were written."""
    if exception is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            if (better := mended(text)) != text:
                page.write_text(better, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    app.connect("build-finished", mend_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
