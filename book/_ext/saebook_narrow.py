"""On a phone, a figure is the narrow picture that its notebook carries beside the wide
one.
"""

import hashlib
import json
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes

from saecore.report.rendering import NARROW

SCREEN = "screen and (max-width: 600px)"
"""On paper, and where all pages are one, the wide picture stays."""


def give_narrow(app: Any, doctree: nodes.document, docname: str) -> None:
    """Write the narrow pictures of a page, and tell its images of theirs."""
    page = Path(app.env.doc2path(docname))
    if app.builder.name == "singlehtml" or page.suffix != ".ipynb":
        return
    found = narrow_pictures(page)
    folder = Path(app.outdir) / app.builder.imagedir
    for image in doctree.findall(nodes.image):
        stem = Path(image["uri"]).stem
        if stem in found:
            image["narrow"] = f"{stem}-narrow.png"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / image["narrow"]).write_bytes(found[stem])


@cache
def narrow_pictures(page: Path) -> dict[str, bytes]:
    """The narrow pictures of a notebook by the sha256 of the wide ones, after which
    MyST-NB names its files.
    """
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    shown = [out.get("data", {}) for cell in cells for out in cell.get("outputs", [])]
    return {
        hashlib.sha256(_decoded(data["image/png"])).hexdigest(): _decoded(data[NARROW])
        for data in shown
        if NARROW in data
    }


def _decoded(text: str | list[str]) -> bytes:
    return b64decode("".join(text))


def visit_image(translator: Any, node: nodes.image) -> None:
    """An image as ever; one that has a narrow picture, in a choice of the two."""
    type(translator).visit_image(translator, node)
    if "narrow" in node:
        source = f"{translator.builder.imgpath}/{node['narrow']}"
        translator.body[-1] = (
            f'<picture><source media="{SCREEN}" srcset="{source}">'
            f"{translator.body[-1].rstrip()}</picture>\n"
        )


def depart_image(translator: Any, node: nodes.image) -> None:
    type(translator).depart_image(translator, node)


def setup(app: Any) -> dict[str, Any]:
    app.connect("doctree-resolved", give_narrow)
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
