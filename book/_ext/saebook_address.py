"""What the address of the site decides: the page that says that there is none, and what
other sites are told of a page.
"""

import re
from html import escape, unescape
from pathlib import Path
from textwrap import shorten
from typing import Any

from docutils import nodes

LONGEST = 200
"""Letters of a description; search engines cut longer ones."""

NOT_FOUND = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; }}
a {{ color: inherit; }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>It may have been renamed. <a href="{home}">The first page</a> leads to all others,
and the search there knows every word of the book.</p>
</main>
</body>
</html>
"""
"""It stands at any depth of the site, so its one link is a whole address."""


def described(doctree: nodes.document) -> str:
    """The first paragraph that people wrote on a page, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            return shorten(paragraph.astext(), LONGEST, placeholder=" …")
    return ""


def describe(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """What search engines and sites that quote a link are told of a page."""
    text = described(doctree) if doctree is not None else ""
    if not text:
        return
    address = f"{app.config.html_baseurl}{pagename}.html"
    facts = {"og:type": "article", "og:title": plain(context.get("title", ""))}
    facts |= {"og:site_name": app.config.html_title, "og:url": address}
    tags = [f'<meta name="description" content="{escape(text)}">']
    facts |= {"og:description": text}
    tags += [f'<meta property="{k}" content="{escape(v)}">' for k, v in facts.items()]
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)


def plain(html: str) -> str:
    """A title without its markup."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def write_not_found(app: Any, exception: Exception | None) -> None:
    """404.html, which GitHub Pages shows for an address that is none."""
    if exception is None and app.builder.name == "html":
        home = app.config.html_baseurl
        page = Path(app.outdir) / "404.html"
        page.write_text(NOT_FOUND.format(home=home), encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_not_found)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
