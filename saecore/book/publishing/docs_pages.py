"""Pages on the measures, from their docstrings: a map (term, function, paper), and a
page per room. The sources are parsed and not imported, which costs a second.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from saecore.book.publishing.docstrings import as_markdown, escaped_prose, sentence

MEASURES_FOLDER = Path(__file__).parents[2] / "measures"
_ENTRY = re.compile(r"^@\w+\{(?P<key>[\w-]+),(?P<rest>.*?)^\}", re.M | re.S)
_NUMBER = re.compile(r"\d{4}\.\d{5}")

Papers = dict[str, str]
"""The number of a paper, as docstrings name it, and its key."""


class Documented(NamedTuple):
    """A public function or class of a measure."""

    name: str
    """With its module, saecore.measures..."""
    kind: str
    """"function" or "class"."""
    signature: str
    """Names and defaults; shapes and units are in the text."""
    text: str
    """Its docstring."""
    fields: dict[str, str]
    """Of a NamedTuple, what stands below each."""


class Room(NamedTuple):
    """A folder of measures."""

    name: str
    says: str
    modules: dict[str, tuple[str, list[Documented]]]
    """By dotted name: the module's docstring, and what it defines."""


def rooms(folder: Path = MEASURES_FOLDER) -> list[Room]:
    """Every room with its modules, those of folders below it too."""
    packages = sorted(path.parent for path in folder.glob("*/__init__.py"))
    return [_room(path, folder) for path in packages]


def named_papers(bibliography: Path) -> Papers:
    """The papers of a BibTeX file that have a number of arXiv."""
    entries = _ENTRY.finditer(bibliography.read_text(encoding="utf-8"))
    found = ((_NUMBER.search(entry["rest"]), entry["key"]) for entry in entries)
    return {number[0]: key for number, key in found if number}


def write_docs(target: Path, papers: Papers) -> list[Path]:
    """Write the map to _generated/measures.md and a page per room to api/, below
    `target`. The `papers` that a docstring names are cited.
    """
    found, api = rooms(), target / "api"
    api.mkdir(parents=True, exist_ok=True)
    (target / "_generated").mkdir(exist_ok=True)
    table = target / "_generated" / "measures.md"
    table.write_text(measure_map(found, papers), encoding="utf-8")
    pages = [api / f"{room.name}.md" for room in found]
    for room, page in zip(found, pages, strict=True):
        page.write_text(room_page(room), encoding="utf-8")
    return [table, *pages]


def measure_map(found: list[Room], papers: Papers) -> str:
    """A table per room: the measure in words, its function, the paper."""
    lines = []
    for room in found:
        lines += [f"## {room.name}", "", escaped_prose(room.says), ""]
        lines += ["| measure | function | paper |", "|---|---|---|"]
        for about, entries in room.modules.values():
            lines += [_row(one, about, papers) for one in entries if _measures(one)]
        lines += ["", f"In full: [{room.name}](api/{room.name}.md).", ""]
    return "\n".join(lines)


def room_page(room: Room) -> str:
    """Every module of a room: what it is about, and what it defines."""
    lines = [f"# Measures: {room.name}", "", escaped_prose(room.says), ""]
    for module, (about, entries) in room.modules.items():
        lines += [f"## {module.rpartition('.')[2].replace('_', ' ')}", ""]
        lines += [f"`{module}`", "", as_markdown(about), ""]
        for one in entries:
            lines += [*_entry(one), ""]
    return "\n".join(lines)


def _row(one: Documented, about: str, papers: Papers) -> str:
    keys = _cited(one.text, papers) or _cited(about, papers)
    cited = f"{{cite:t}}`{','.join(keys)}`" if keys else "–"
    short = one.name.rpartition(".")[2]
    role = "py:func" if one.kind == "function" else "py:class"
    said = re.sub(r"(?<!\\)\|", r"\|", sentence(one.text))  # in code, too
    return f"| {said} | {{{role}}}`{short} <{one.name}>` | {cited} |"


def _measures(one: Documented) -> bool:
    return one.kind == "function" and bool(one.text)


def _cited(text: str, papers: Papers) -> list[str]:
    return [papers[n] for n in dict.fromkeys(_NUMBER.findall(text)) if n in papers]


def _entry(one: Documented) -> list[str]:
    body = [as_markdown(one.text)]
    body += [
        f"- **{name}**: {escaped_prose(said)}" for name, said in one.fields.items()
    ]
    return [
        f"``````{{py:{one.kind}}} {one.name}{one.signature}",
        "",
        *body,
        "``````",
    ]


def _room(path: Path, folder: Path) -> Room:
    modules = {}
    for source in sorted(path.rglob("*.py")):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        dotted = _dotted(source, folder)
        entries = list(_documented(tree, dotted))
        if source.stem != "__init__" and entries:
            modules[dotted] = (ast.get_docstring(tree) or "", entries)
    says = ast.get_docstring(ast.parse((path / "__init__.py").read_text())) or ""
    return Room(path.name, says, modules)


def _dotted(source: Path, folder: Path) -> str:
    inside = source.relative_to(folder).with_suffix("").parts
    return ".".join(("saecore", "measures", *inside))


def _documented(tree: ast.Module, module: str) -> Iterator[Documented]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            text = ast.get_docstring(node) or ""
            yield Documented(
                f"{module}.{node.name}", "function", _signature(node.args), text, {}
            )
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            text = ast.get_docstring(node) or ""
            yield Documented(f"{module}.{node.name}", "class", "", text, _fields(node))


def _signature(stated: ast.arguments) -> str:
    """Names and defaults, without annotations."""
    named = ast.parse(f"def f({ast.unparse(stated)}): pass").body[0]
    assert isinstance(named, ast.FunctionDef)
    for one in ast.walk(named.args):
        if isinstance(one, ast.arg):
            one.annotation = None
    return f"({ast.unparse(named.args)})"


def _fields(node: ast.ClassDef) -> dict[str, str]:
    """The fields of a class, each with the text below it."""
    pairs = zip(node.body, [*node.body[1:], None], strict=True)
    return {
        one.target.id: _text_of(after)
        for one, after in pairs
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    }


def _text_of(node: ast.stmt | None) -> str:
    value = node.value if isinstance(node, ast.Expr) else None
    said = value.value if isinstance(value, ast.Constant) else ""
    return " ".join(str(said).split())
