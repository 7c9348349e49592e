"""What a study rests on, as one sha256: has it changed since a stored result was made?

The code of `saecore/claims/<claim>/headline.py` and of all that it imports from
`saecore.claims` and `saecore.measures`, without comments and docstrings. Where rows
come from and how SAEs are trained is no part of it: recipes have keys of their own.
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
    return ast.dump(_bare(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _bare(tree: ast.Module) -> ast.Module:
    """The same tree without docstrings and other strings that stand alone."""
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            kept = [one for one in body if not _is_text(one)]
            setattr(node, "body", kept or [ast.Pass()])  # noqa: B010
    return tree


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
