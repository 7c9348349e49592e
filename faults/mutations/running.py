"""The tests of a module against its mutants, each in a fork."""

import ast
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from faults.children import forked
from faults.mutations.mutants import Mutant

ROOT = Path(__file__).parents[2]
PLAIN = ("-x", "-q", "-p", "no:cacheprovider", "-o")
"""Options of pytest: no type checks at run time, which would kill some mutants."""
PATIENCE = 5
"""A mutant is killed that takes so many times as long as the tests do, and 20 s."""


class _Changed(SourceFileLoader):
    """Gives a module whose tree was changed."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self._tree = tree

    def get_code(self, fullname: str) -> Any:
        """The code of the changed tree; nothing is read from or written to a cache."""
        return compile(self._tree, self.path, "exec")


class _Finder(MetaPathFinder):
    """Finds one module in a changed form."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self._name, self._path, self._tree = name, str(path), tree

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """The changed module, and no other."""
        if fullname != self._name:
            return None
        loader = _Changed(fullname, self._path, self._tree)
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=loader
        )


def warmed(tests: Sequence[str]) -> None:
    """Import what the tests import, so that forks need not."""
    _uses()
    with open(os.devnull, "w") as nowhere:
        held, sys.stdout = sys.stdout, nowhere
        try:
            _pytest(tests, "--collect-only")
        finally:
            sys.stdout = held


def survivors(
    module: Path, some: Sequence[Mutant], tests: Sequence[str]
) -> Iterator[Mutant]:
    """The mutants of a module under which its tests still pass.

    Raises RuntimeError if the tests fail without any change.
    """
    tree = ast.parse((ROOT / module).read_text())
    begun = time.monotonic()
    seconds = passed(module, tree, tests, {}, patience=900)
    if seconds is None:
        raise RuntimeError(f"{tests} must pass before {module} is changed")
    patience = 20 + PATIENCE * (time.monotonic() - begun)
    for one in some:
        if passed(module, one.tree, tests, seconds, patience=patience) is not None:
            yield one


def passed(
    module: Path,
    tree: ast.Module,
    tests: Sequence[str],
    before: dict[str, float],
    *,
    patience: float,
) -> dict[str, float] | None:
    """The seconds of each test with this tree in a module's place; None if one fails.

    Those that took longest `before` come last.
    """
    name = ".".join(module.with_suffix("").parts)

    def work() -> dict[str, float] | None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _forgotten(name)
        sys.meta_path.insert(0, _Finder(name, ROOT / module, tree))
        if "numba" in sys.modules:  # it would take a loop's code from its cache
            sys.modules["numba"].config.CACHE_DIR = tempfile.mkdtemp()
        timed = _Timed(before)
        return None if _pytest(tests, timed=timed) else timed.seconds

    return forked(work).result(patience=patience)[1]


class _Timed:
    """Part of a run of pytest: tests by their seconds, and the seconds of each."""

    def __init__(self, before: dict[str, float]) -> None:
        self._before, self.seconds = before, dict[str, float]()

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """The quick ones first."""
        items.sort(key=lambda one: self._before.get(one.nodeid, 0.0))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Set-up, call and end of a test."""
        spent = self.seconds.get(report.nodeid, 0.0) + report.duration
        self.seconds[report.nodeid] = spent


def _pytest(tests: Sequence[str], *more: str, timed: _Timed | None = None) -> int:
    import pytest

    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    paths = [str(ROOT / test) for test in tests]
    options = [*PLAIN, "addopts=--import-mode=importlib", "-m", "not slow", *more]
    return int(pytest.main([*options, *paths], plugins=[timed] if timed else []))


def _forgotten(module: str) -> None:
    """A module, what imports it, however far away, and the tests are imported anew."""
    gone, more = set(), {module}
    while more:
        # a package may hand on what its modules hold
        more |= {up for one in more for up in _packages(one)}
        gone |= more
        users = (one for one, used in _uses().items() if used & more)
        more = set(users) - gone
    for name in list(sys.modules):
        if name in gone or name.split(".")[0] in ("tests", "conftest"):
            del sys.modules[name]
            package, _, last = name.rpartition(".")
            if isinstance(getattr(sys.modules.get(package), last, None), ModuleType):
                delattr(sys.modules[package], last)


def _packages(name: str) -> list[str]:
    """The packages that a module lies in, but for the outermost."""
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(2, len(parts))]


@cache
def _uses() -> dict[str, set[str]]:
    """What each module of the package imports of it, at its top or in a function."""
    found = {}
    for path in (ROOT / "saecore").rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        found[name] = set(_imported(ast.parse(path.read_text())))
    return found


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
