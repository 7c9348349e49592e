"""A page calls, shows and says: how much code and how many tables it may have."""

import ast
import re
from pathlib import Path
from statistics import median

import jupytext
import pytest

from saecore.book import notebooks
from saecore.report import Claim
from saecore.report.rendering import TABLE, VERDICT

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "notebooks").glob("*.py"))
CLAIMS = Claim.names()
LONGEST, TYPICAL, ON_A_PAGE, TABLES, FUNCTIONS, COLUMNS = 25, 8, 200, 8, 1, 88


def cells(source: Path) -> list:
    return [c for c in jupytext.read(source).cells if c.cell_type == "code"]


MISTAKES = re.compile(r"^(?P<indent> +)mistakes=\{\n.*?^(?P=indent)\},\n", re.M | re.S)
"""What usual wrong answers to an exercise give: a list, and no step of a solution."""


def lines(cell) -> list[str]:
    """The lines of a cell that do something."""
    steps = MISTAKES.sub("", cell.source)
    return [line for line in steps.splitlines() if line.strip()]


def shown(stem: str, mime: str) -> list[dict]:
    """The results of one kind on the committed page, in order."""
    page = notebooks.read(ROOT / "book" / "notebooks" / f"{stem}.ipynb")
    outputs = [o for c in page.cells if c.cell_type == "code" for o in c.outputs]
    return [o["data"][mime] for o in outputs if mime in o.get("data", {})]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_cells_are_short_and_so_is_the_page(source):
    sizes = [len(lines(cell)) for cell in cells(source)]
    assert max(sizes) <= LONGEST
    assert median(sizes) <= TYPICAL
    kept = [c for c in cells(source) if "solution" not in c.metadata.get("tags", [])]
    assert sum(len(lines(cell)) for cell in kept) <= ON_A_PAGE


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_page_defines_one_function_at_most_and_no_object_that_grows(source):
    trees = [ast.parse(cell.source) for cell in cells(source)]
    defined = [n for t in trees for n in ast.walk(t) if isinstance(n, ast.FunctionDef)]
    assert len(defined) <= FUNCTIONS
    grown = [
        target
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
    ]
    assert grown == []
    assert not re.search("SimpleNamespace", source.read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_line_of_code_is_wider_than_the_column(source):
    every = [line for cell in cells(source) for line in cell.source.splitlines()]
    assert [line for line in every if len(line) > COLUMNS] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_page_has_eight_tables_at_most(source):
    assert len(shown(source.stem, TABLE)) <= TABLES


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claims_page_begins_with_its_card(name):
    stem = Path(Claim.read(name).notebook).stem
    page = notebooks.read(ROOT / "book" / "notebooks" / f"{stem}.ipynb")
    shows = [c for c in page.cells if c.cell_type == "code" and c.outputs]
    assert any(VERDICT in output.get("data", {}) for output in shows[0].outputs)
    before = page.cells[: page.cells.index(shows[0])]
    text = "".join(c.source for c in before if c.cell_type == "markdown")
    assert len(text.split()) <= 60
