"""What a study rests on, as one sha256: has it changed since a stored result was made?

The code of `saecore/claims/<claim>/headline.py` and of all that it imports from
`saecore.claims` and `saecore.measures`, without comments, docstrings and types. Where
rows come from and how SAEs are trained is no part of it: recipes have keys of their
own.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from saecore.report.paths import PACKAGE

FOLLOWED = ("saecore.claims", "saecore.measures")
"""Packages whose modules make a number what it is."""


def study_digest(claim: str, package: Path = PACKAGE) -> str:
    """sha256 of the code that measures the numbers of a claim. Raises ValueError for a
    claim without a study.
    """
    start = f"saecore.claims.{claim}.headline"
    if _file_of(start, package) is None:
        raise ValueError(
            f"a study lies in saecore/claims/<claim>/headline.py, but {claim!r} has "
            "none: check the spelling"
        )
    found = sorted(_reached(start, package))
    whole = "\n".join(f"{name}\n{_code(_file_of(name, package))}" for name in found)
    return hashlib.sha256(whole.encode()).hexdigest()


def _reached(start: str, package: Path) -> set[str]:
    """The modules that one rests on, itself among them."""
    found, left = set(), [start]
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        left += _imported(_file_of(name, package), package)
    return found


def _imported(path: Path | None, package: Path) -> Iterator[str]:
    """The followed modules that a file imports, by whichever form."""
    assert path is not None
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = (f"{node.module}.{one.name}" for one in node.names)
            for name in (*inner, node.module):
                if name.startswith(FOLLOWED) and _file_of(name, package):
                    yield name


def _file_of(name: str, package: Path) -> Path | None:
    """The file of a module or of a package's own code; None if there is none."""
    place = package.joinpath(*name.split(".")[1:])
    files = place.with_suffix(".py"), place / "__init__.py"
    return next((one for one in files if one.is_file()), None)


@cache
def _code(path: Path | None) -> str:
    assert path is not None
    return ast.dump(_tree(path))


@cache
def _tree(path: Path) -> ast.Module:
    """What of a file can move a number: no text that stands alone, no types, and no
    import that nothing else names.
    """
    tree = _Bare().visit(ast.parse(path.read_text(encoding="utf-8")))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return _Used(used).visit(tree)


class _Bare(ast.NodeTransformer):
    """Takes docstrings and types out."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        value = node.value
        text = isinstance(value, ast.Constant) and isinstance(value.value, str)
        return None if text else self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


class _Used(ast.NodeTransformer):
    """Leaves out imported names that are not among the used ones."""

    def __init__(self, used: set[str]) -> None:
        self.used = used

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        kept = [one for one in node.names if (one.asname or one.name) in self.used]
        node.names = kept
        return node if kept else None
