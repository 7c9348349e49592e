"""The mutants of a module: its syntax tree with one place changed."""

import ast
import copy
import itertools
from collections.abc import Iterator
from typing import NamedTuple

COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
RECKONED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
LEFT_OUT = {"annotation", "returns", "decorator_list"}
"""Fields that are not looked into."""


class Place(NamedTuple):
    """A node that can be changed, and what takes its place."""

    function: str
    """The function that it is in, with its class."""
    statement: ast.AST
    holder: ast.AST
    """Its parent."""
    field: str
    at: int | None
    old: ast.AST
    new: ast.AST

    def change(self) -> None:
        """Put the new node where the old one is."""
        if self.at is None:
            setattr(self.holder, self.field, self.new)
        else:
            getattr(self.holder, self.field)[self.at] = self.new


class Mutant(NamedTuple):
    """One change of a module."""

    name: str
    """The function, what stood there and what does now; no two are called the same."""
    source: str
    number: int
    """Of the change, in the order of the source."""

    @property
    def tree(self) -> ast.Module:
        """The whole module, changed."""
        tree = ast.parse(self.source)
        next(itertools.islice(_places(tree), self.number, None)).change()
        return ast.fix_missing_locations(tree)


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module, in its order."""
    said = [_told(place) for place in _places(ast.parse(source))]
    before = [said[:at].count(name) for at, name in enumerate(said)]
    names = [
        f"{name}, place {count + 1}" if count else name
        for name, count in zip(said, before, strict=True)
    ]
    return [Mutant(name, source, at) for at, name in enumerate(names)]


def number(source: str) -> int:
    """How many mutants a module has."""
    return sum(1 for _ in _places(ast.parse(source)))


def _told(place: Place) -> str:
    old, new = ast.unparse(place.old), ast.unparse(place.new)
    within = ast.unparse(place.statement).splitlines()[0]
    where = "" if old.startswith(within) else f" in {within}"
    old = old.splitlines()[0]
    return f"{place.function or 'module'}: {old} → {new.splitlines()[0]}{where}"


def _places(
    node: ast.AST, function: str = "", statement: ast.AST | None = None
) -> Iterator[Place]:
    """All that can be changed below a node."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}".removeprefix(".")
    for name, value in ast.iter_fields(node):
        many = isinstance(value, list)
        for index, child in enumerate(value if many else [value]):
            looked_at = isinstance(child, ast.AST) and name not in LEFT_OUT
            if not looked_at or isinstance(child, ast.JoinedStr):
                continue
            within = child if isinstance(child, ast.stmt) else statement or child
            for new in _instead(child, name):
                at = index if many else None
                yield Place(function, within, node, name, at, child, new)
            yield from _places(child, function, within)


def _instead(node: ast.AST, field: str) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            yield _with(node, "ops", [*node.ops[:at], _other(op), *node.ops[at + 1 :]])
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign):
        if type(node.op) in RECKONED:
            yield _with(node, "op", RECKONED[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value)
    if field == "test" and not isinstance(node, ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), node)  # type: ignore[arg-type]
    yield from _left_out(node)


def _other(op: ast.cmpop) -> ast.cmpop:
    return COMPARED[type(op)]()


def _with(node: ast.AST, name: str, value: object) -> ast.AST:
    new = copy.copy(node)
    setattr(new, name, value)
    return new


def _constants(value: object) -> Iterator[ast.Constant]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)


def _left_out(node: ast.AST) -> Iterator[ast.AST]:
    """Statements that are left out, and values that are not returned."""
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))
    said = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    set_ = isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name)
    if said or set_ or isinstance(node, ast.AugAssign | ast.Raise):
        yield ast.Pass()
