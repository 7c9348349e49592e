"""What Jupyter Book 1 leaves open: stale numbers, missing alt text, wrong edit links,
doubled scripts.
"""

import re
from pathlib import Path
from textwrap import shorten
from typing import Any

from docutils import nodes
from sphinx.util import logging

from saecore.book.publishing.addresses import published_here

logger = logging.getLogger(__name__)
ICONS = re.compile(
    r'\s*<script defer src="[^"]*scripts/fontawesome\.js[^"]*"></script>'
)
COLAB = re.compile(r"(colab[^ ]*)/blob/[^/]+/book/portable/")
BRANCH = "portable"
"""Where the workflow puts notebooks that know their package's address."""
# the look back keeps it linear in the pictures of a page, which are one long word each
GLUED = re.compile(r"(?<![\w./-])([\w./-]+\.ipynb)::")


def depend_on_glued_notebooks(app: Any, docname: str, source: list[str]) -> None:
    """A page that glues a number is stale when that notebook changes; MyST-NB does not
    tell Sphinx.
    """
    here = Path(app.env.doc2path(docname)).parent
    for name in set(GLUED.findall(source[0])):
        target = (here / name).resolve()
        if target.exists():
            app.env.note_dependency(str(target))


def require_alt_text(app: Any, doctree: nodes.document, docname: str) -> None:
    """An image that says nothing to those who cannot see it is a warning, and a warning
    stops the build.
    """
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "")
        if not alt or alt == image.get("uri"):
            where = (
                f"image without alt text: {image.get('uri')}; show it with "
                f"saecore.report.figure(alt=...)"
            )
            logger.warning(where, location=image, type="saebook", subtype="alt")


def addresses_of_the_workflow(app: Any, config: Any) -> None:
    """On GitHub, the buttons lead to the repository that builds the book and the
    canonical addresses to its site, also in a fork.
    """
    if known := published_here():
        config.html_theme_options["repository_url"] = known.repository
        config.html_baseurl = f"{known.site}/"


def right_addresses(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """The pencil of a notebook opens its source, the rocket its portable twin, for
    Colab that of students, in the branch which the workflow fills; the arrow gives
    the twin and a script.
    """
    if not pagename.startswith("notebooks/"):
        return
    for button in _buttons(context.get("header_buttons", [])):
        url = str(button.get("url", ""))
        if "/edit/" in url:
            button["url"] = url.split("/book/notebooks/")[0] + f"/{pagename}.py"
        elif "colab" in url or "binder" in url:
            folder = "portable/students" if _taught(url, pagename) else "portable"
            url = url.replace("book/notebooks/", f"book/{folder}/")
            if published_here():
                url = COLAB.sub(rf"\1/blob/{BRANCH}/", url)
            button["url"] = url
        elif button.get("label") == "download-buttons":
            button["buttons"] = _downloads(app, pagename, context, button["buttons"])


def _taught(url: str, pagename: str) -> bool:
    """Whether a button leads to Colab, and the page has a copy for students."""
    students = Path(__file__).parents[1] / "portable" / "students"
    return "colab" in url and (students / f"{Path(pagename).name}.ipynb").is_file()


def _downloads(
    app: Any, pagename: str, context: dict[str, Any], buttons: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The portable notebook and the script in place of the page's own source."""
    name = pagename.removeprefix("notebooks/")
    if not (Path(app.srcdir) / "_assets" / "portable" / f"{name}.ipynb").is_file():
        return buttons
    base = f"{context['pathto']('_static', 1)}/portable/{name}"
    kinds = {".ipynb": "notebook, for Colab too", ".py": "script"}
    own = [
        {
            "type": "link",
            "url": base + kind,
            "text": kind,
            "tooltip": f"Download this page as a {said}",
            "icon": "fas fa-file",
            "label": f"download-{kind[1:]}-button",
        }
        for kind, said in kinds.items()
    ]
    return own + [one for one in buttons if one.get("type") != "link"]


def _buttons(entries: list[dict[str, Any]]) -> Any:
    for entry in entries:
        yield entry
        yield from _buttons(entry.get("buttons", []))


def scripts_once(
    app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Jupyter Book and its theme both load sphinx-thebe, whose second `const` is a
    script error.
    """
    kept: dict[tuple[str, str], Any] = {}
    for script in context.get("script_files", []):
        key = (
            getattr(script, "filename", script) or "",
            str(getattr(script, "attributes", {}).get("body")),
        )
        kept.setdefault(key, script)
    context["script_files"] = list(kept.values())


def same_visitors_on_one_page(app: Any) -> None:
    """sphinx-exercise registers visitors for the builder of one page (the PDF is made
    from it), which hides those that MyST-NB has for HTML.
    """
    handlers = app.registry.translation_handlers
    if "singlehtml" in handlers:
        handlers["singlehtml"] = {**handlers["html"], **handlers["singlehtml"]}


def solutions_last(app: Any, doctree: nodes.document, docname: str) -> None:
    """Where all pages are one, as in the PDF, solutions stand at its end."""
    if app.builder.name != "singlehtml":
        return
    from sphinx_exercise.nodes import solution_node

    found = list(doctree.findall(solution_node))
    appendix = nodes.section(ids=["solutions"])
    appendix += nodes.title("Solutions", "Solutions")
    for solution in found:
        solution.parent.remove(solution)
        appendix += _to_the_exercise(app, solution)
        solution["classes"] = [c for c in solution["classes"] if c != "dropdown"]
        appendix += solution
    if found:
        doctree += appendix


def _to_the_exercise(app: Any, solution: nodes.Element) -> nodes.paragraph:
    """The beginning of what was asked, which leads there."""
    label = solution["target_label"]
    asked = (
        app.env.sphinx_exercise_registry[label]["node"]
        .astext()
        .removeprefix("Exercise")
        .split()
    )
    link = nodes.reference("", shorten(" ".join(asked), 90), refid=label, internal=True)
    return nodes.paragraph("", "", link)


def icons_from_the_font(app: Any, exception: Exception | None) -> None:
    """The theme draws its icons twice, from a font and with a script of 1.5 MB; the
    font is enough.
    """
    if exception is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            if (lean := ICONS.sub("", text)) != text:
                page.write_text(lean, encoding="utf-8")
        for file in Path(app.outdir).glob("_static/scripts/fontawesome.js*"):
            file.unlink()


def setup(app: Any) -> dict[str, Any]:
    app.connect("config-inited", addresses_of_the_workflow)
    app.connect("builder-inited", same_visitors_on_one_page)
    app.connect("source-read", depend_on_glued_notebooks)
    app.connect("doctree-resolved", require_alt_text, priority=900)
    app.connect("doctree-resolved", solutions_last, priority=950)
    app.connect("html-page-context", right_addresses, priority=900)
    app.connect("html-page-context", scripts_once, priority=950)
    app.connect("build-finished", icons_from_the_font)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
