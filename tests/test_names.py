"""One name, one thing: what may be called alike, and how full a folder may be."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "saecore").rglob("*.py"))
MOST_FILES = 12

ALIKE = {
    "main": "programs that are started by name",
    "read": "each reads its own kind of file",
    "write": "each writes its own kind of file",
    "make": "how the zoo makes each kind",
    "BLOCK": "rows that each algorithm takes at a time",
    "CHUNK": "how much each algorithm takes at a time",
    "KINDS": "of nulls, of lines, of artefacts",
    "study": "every claim has one",
    "full": "what a claim leaves to `make book-full`, and that command",
    "Study": "what a claim's study returns",
}
"""Names that several modules may define, and why."""


def defined(module: Path) -> set[str]:
    """The public names that a module defines at its top."""
    names: set[str] = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}


def test_no_public_name_stands_for_two_things():
    homes = defaultdict(list)
    for module in MODULES:
        for name in defined(module):
            homes[name].append(str(module.relative_to(ROOT)))
    twice = {n: at for n, at in homes.items() if len(at) > 1 and n not in ALIKE}
    assert twice == {}


def test_names_that_may_be_alike_are_still_used_twice():
    found = Counter(name for module in MODULES for name in defined(module))
    assert [name for name in ALIKE if found[name] < 2] == []


def test_no_folder_holds_more_than_a_dozen_files():
    files = Counter(m.parent for m in MODULES if m.stem != "__init__")
    full = {str(f.relative_to(ROOT)): n for f, n in files.items() if n > MOST_FILES}
    assert full == {}
