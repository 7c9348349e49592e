"""The same page for Colab and other programs that do not speak MyST: plain Markdown and
an install cell.

Roles and directives become plain text: a citation a link to the paper, a glued number
that number, an exercise a quoted block, its solution a folded one. Code stays as it is;
outputs are left out, as they stand on the site.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from saecore.book.compare import joined_text, unglued
from saecore.teaching import copies

LABEL = re.compile(r"^\([\w:-]+\)=\n", re.M)
EQUATION = re.compile(r"\$\$ \([\w-]+\)$", re.M)
"""The end of a formula with a number, and its label."""
FENCE = re.compile(
    r"^(?P<fence>:{3,}|`{3,})\{(?P<name>[\w-]+)\}[ \t]*(?P<argument>[^\n]*)\n"
    r"(?P<body>.*?)^(?P=fence)[ \t]*$\n?",
    re.M | re.S,
)
ROLE = re.compile(r"\{(?P<role>[\w:-]+)\}`(?P<text>[^`]+)`")
OPTION = re.compile(r"^:[\w-]+:.*\n?", re.M)
LINK = re.compile(
    r"\]\((?!https?:|#)(?P<target>[\w./-]+?)(?:\.ipynb|\.md|\.html)?(?P<anchor>#[\w-]+)?\)"
)
TITLES = {
    "exercise": "Exercise",
    "note": "Note",
    "tip": "Tip",
    "warning": "Warning",
    "important": "Important",
}
INSTALL_ID = "install"
INSTALL = """\
# Only where saecore is missing, as in Colab; a published book fills in where it is.
import importlib.util

if importlib.util.find_spec("saecore") is None:
    raise SystemExit(
        "this copy of the page does not know where its package is: open the copy that "
        "the published book links to, or install saecore from its checkout"
    )"""
"""The install cell of the committed copies, which hold for every fork:
`publishing.downloads` puts another in its place.
"""


def portable(
    page: Any,
    *,
    site: str,
    cite: Mapping[str, str],
    glued: Mapping[str, str],
) -> Any:
    """`page` in plain Markdown, with an install cell after its first cell.

    `site` is the address of the page, to which references lead; `cite` gives each
    bibliography key as a Markdown link, `glued` each recorded number by `name` or
    `page.ipynb::name`.
    """
    import nbformat

    made = deepcopy(page)
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell["source"] = plain_markdown(cell.source, site, cite, glued)
        else:
            cell["outputs"], cell["execution_count"] = [], None
            cell.metadata.pop("mystnb", None)
    made.cells = [cell for cell in made.cells if cell.source.strip()]
    install = nbformat.v4.new_code_cell(INSTALL, id=INSTALL_ID)
    made.cells.insert(1, install)
    nbformat.validate(made)
    return made


def plain_markdown(
    text: str, site: str, cite: Mapping[str, str], glued: Mapping[str, str]
) -> str:
    """MyST as plain Markdown."""
    text = EQUATION.sub("$$", LABEL.sub("", text))
    while FENCE.search(text):
        text = FENCE.sub(_fence, text)
    text = ROLE.sub(lambda match: _role(match, site, cite, glued), text)
    return LINK.sub(
        lambda m: f"]({site.rsplit('/', 1)[0]}/{m['target']}.html{m['anchor'] or ''})",
        text,
    ).strip()


def _fence(match: re.Match[str]) -> str:
    name, body = match["name"], OPTION.sub("", match["body"]).strip()
    if name in ("solution-start", "exercise-start"):
        return "**Solution**\n" if name.startswith("solution") else "**Exercise**\n"
    if name.endswith("-end"):
        return ""
    if name == "solution":
        return f"<details><summary>Solution</summary>\n\n{body}\n\n</details>\n"
    if name == "hint":
        return f"<details><summary>Hint</summary>\n\n{body}\n\n</details>\n"
    title = match["argument"] if name == "admonition" else TITLES.get(name, "")
    if name == "exercise" and match["argument"]:
        title += f" ({match['argument'].strip().lower()})"
    lines = [f"**{title}**", "", *body.splitlines()] if title else body.splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n"


def _role(
    match: re.Match[str], site: str, cite: Mapping[str, str], glued: Mapping[str, str]
) -> str:
    role, text = match["role"], match["text"]
    if role.startswith("cite"):
        return "; ".join(cite[key.strip()] for key in text.split(","))
    if role == "glue:text":
        return _number(text, glued)
    if role == "math":
        return f"${text}$"
    if role == "eq":
        return f"[the equation]({site}#equation-{text})"
    label = "the figure" if role == "numref" else re.sub(r"\s*<[^>]*>$", "", text)
    return (
        f"[{label}]({site}#{text})" if role in ("numref", "ref", "prf:ref") else label
    )


def _number(text: str, glued: Mapping[str, str]) -> str:
    """`page.ipynb::name:.2f` as the number, formatted; a name that nothing was recorded
    under stays.
    """
    page, _, name = text.rpartition("::")
    name, _, shape = name.partition(":")
    value = glued.get(f"{page}::{name}" if page else name)
    if value is None:
        return f"`{name}`"
    return _shaped(value, shape) if shape else value


def _shaped(text: str, shape: str) -> str:
    """A glued number or word by its format, as MyST-NB reads it: `:.2f`, `:d`, `:s`."""
    if shape.endswith("s"):
        return format(text.strip("'\""), shape)
    return format(int(text) if shape.endswith("d") else float(text), shape)


def recorded(page: Path, notebook: Any) -> dict[str, str]:
    """The recorded numbers of a page as text, by `name` and by `page.ipynb::name`."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if name:
                data = unglued(output)["data"]
                found[name] = joined_text(data.get("text/plain", ""))
    return found | {f"{page.name}::{name}": text for name, text in found.items()}


def citations(bibliography: Path) -> dict[str, str]:
    """Each entry of a BibTeX file as `[Author et al. (year)](address)`."""
    from pybtex.database import parse_file

    links = {}
    for key, entry in parse_file(str(bibliography)).entries.items():
        people = [" ".join(person.last_names) for person in entry.persons["author"]]
        who = f"{people[0]} et al." if len(people) > 2 else " and ".join(people)
        links[key] = f"[{who} ({entry.fields['year']})]({entry.fields['url']})"
    return links


def settings_by_page(root: Path, pages: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What `plain_markdown` asks for, for each of all executed pages, by name."""
    import yaml

    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    cite = citations(root / "book" / "references.bib")
    site = f"{config['html']['baseurl'].rstrip('/')}/notebooks"
    own = {name: recorded(Path(f"{name}.ipynb"), page) for name, page in pages.items()}
    everywhere = {
        key: text
        for found in own.values()
        for key, text in found.items()
        if "::" in key
    }
    return {
        name: {"site": f"{site}/{name}.html", "cite": cite, "glued": everywhere | found}
        for name, found in own.items()
    }


def write_all(root: Path, committed: Path | None = None) -> list[Path]:
    """Write book/portable from the committed pages (or those of another folder): each
    page, and those with exercises for students and teachers too. Returns those whose
    content changed.
    """
    from saecore.book import notebooks

    folder = committed or root / "book" / "notebooks"
    pages = {path.stem: notebooks.read(path) for path in sorted(folder.glob("*.ipynb"))}
    settings = settings_by_page(root, pages)
    changed = []
    for place, version in copies.copies(root, pages).items():
        made = portable(version, **settings[Path(place).stem])
        target = root / "book" / "portable" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.read_bytes() if target.is_file() else b""
        notebooks.write(made, target)
        changed += [target] if target.read_bytes() != before else []
    return changed
