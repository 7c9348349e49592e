"""The first use of a glossary term on a page leads to the glossary.

The spellings are in `_generated/terms.json`, which staging writes from
book/glossary.toml. A page needs no markup for it, so a notebook stays as it is.
"""

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes

GLOSSARY = "glossary"
KEPT_OUT = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.math,
    nodes.table,
    nodes.caption,
    nodes.raw,
    nodes.comment,
    addnodes.pending_xref,
)
"""A term inside one of these is left as it is."""
OUTPUT = "cell_output"
"""The class of what a cell shows."""


def spellings(app: Any) -> dict[str, str]:
    """By spelling, the term that it stands for; empty without a glossary."""
    path = Path(app.srcdir) / "_generated" / "terms.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def link_first_uses(app: Any, doctree: nodes.document) -> None:
    """Link each term once, where it first stands in running text."""
    if app.env.docname == GLOSSARY:
        return
    left = spellings(app)
    for text in [node for node in doctree.findall(nodes.Text) if _running(node)]:
        made, left = _linked(str(text), left)
        for link in made:
            if isinstance(link, addnodes.pending_xref):
                link["refdoc"] = app.env.docname
        if len(made) > 1:
            text.parent.replace(text, made)


def _running(text: nodes.Text) -> bool:
    """Whether it stands in a paragraph that people wrote."""
    inside, node = False, text.parent
    while node is not None:
        if isinstance(node, KEPT_OUT) or OUTPUT in node.get("classes", []):
            return False
        inside = inside or isinstance(node, nodes.paragraph)
        node = node.parent
    return inside


def _linked(text: str, left: dict[str, str]) -> tuple[list[nodes.Node], dict[str, str]]:
    """The text with links at first uses, and the spellings of terms still unused."""
    made: list[nodes.Node] = []
    done = 0
    while left and (found := _pattern(left).search(text, done)):
        term = left[found.group()]
        left = {said: one for said, one in left.items() if one != term}
        made += [nodes.Text(text[done : found.start()]), _link(found.group(), term)]
        done = found.end()
    return [*made, nodes.Text(text[done:])], left


def _pattern(left: dict[str, str]) -> re.Pattern[str]:
    """Any of the spellings as a whole word, the longest first."""
    ordered = sorted(left, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, ordered))})(?![\w-])")


def _link(said: str, term: str) -> addnodes.pending_xref:
    link = addnodes.pending_xref("", refdomain="std", reftype="term", reftarget=term)
    link["refexplicit"], link["refwarn"] = True, True
    link += nodes.inline(said, said, classes=["sae-term"])
    return link


def setup(app: Any) -> dict[str, Any]:
    app.connect("doctree-read", link_first_uses)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
