"""The map of the measures: every public function, its paper, its page."""

import ast
from pathlib import Path

import yaml

from saecore.book.publishing import docs_pages
from saecore.book.publishing.docs_pages import (
    measure_map,
    named_papers,
    room_page,
    rooms,
    write_docs,
)

ROOT = Path(__file__).parents[3]
BIBLIOGRAPHY = ROOT / "book" / "references.bib"
SOURCE = '''"""About (2501.16615)."""
from typing import NamedTuple


class Found(NamedTuple):
    """What is found."""

    share: float
    """Share of
    latents.
    """


def share(a: "Float[Tensor, 'x']", *, level: float = 0.5) -> Found:
    """Share of |a|: words. By 2409.14507."""


def own(a):
    """Own measure."""


def _hidden(a):
    """Nobody's."""
'''


def made(folder):
    room = folder / "seeds"
    room.mkdir()
    (room / "__init__.py").write_text('"""Seeds: matched."""')
    (room / "matching.py").write_text(SOURCE)
    return rooms(folder)


def test_functions_and_classes_come_with_names_defaults_and_fields(tmp_path):
    (room,) = made(tmp_path)
    (about, entries) = room.modules["saecore.measures.seeds.matching"]
    assert about == "About (2501.16615)."
    assert [one.name.rpartition(".")[2] for one in entries] == ["Found", "share", "own"]
    assert entries[0].fields == {"share": "Share of latents."}
    assert entries[1].signature == "(a, *, level=0.5)"
    page = room_page(room)
    assert (
        "{py:function} saecore.measures.seeds.matching.share(a, *, level=0.5)" in page
    )
    assert "- **share**: Share of latents." in page


def test_a_function_cites_its_own_paper_else_that_of_its_module(tmp_path):
    table = measure_map(made(tmp_path), {"2501.16615": "paulo", "2409.14507": "chanin"})
    name = "saecore.measures.seeds.matching"
    role = f"{{py:func}}`share <{name}.share>`"
    assert rf"| Share of \|a\| | {role} | {{cite:t}}`chanin` |" in table
    assert f"{{py:func}}`own <{name}.own>` | {{cite:t}}`paulo` |" in table
    assert "| – |" in measure_map(rooms(tmp_path), {})


def test_the_four_papers_are_known_by_their_numbers():
    found = named_papers(BIBLIOGRAPHY)
    numbers = ("2309.08600", "2409.14507", "2501.16615", "2502.04878")
    assert len({found[number] for number in numbers}) == 4


def test_every_public_function_of_the_measures_is_on_the_map_and_on_a_page(tmp_path):
    table, *pages = write_docs(tmp_path, named_papers(BIBLIOGRAPHY))
    text, full = table.read_text(), "".join(page.read_text() for page in pages)
    for path in docs_pages.MEASURES_FOLDER.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                if ast.get_docstring(node):
                    assert f".{node.name}>`" in text, node.name
                assert f".{node.name}(" in full, node.name


def test_every_room_has_its_place_in_the_contents():
    toc = (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8")
    chapters = [
        one for part in yaml.safe_load(toc)["parts"] for one in part["chapters"]
    ]
    (own,) = [one for one in chapters if one["file"] == "measures"]
    assert [one["file"] for one in own["sections"]] == [
        f"api/{room.name}" for room in rooms()
    ]
