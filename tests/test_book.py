"""The committed book: every page is what its source gives, and nothing on it was typed
afterwards.
"""

import copy
import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from saecore.book import notebooks
from saecore.book.compare import NUMBER, differences, joined_text, misplaced_captions
from saecore.book.publishing import docs_pages
from saecore.report import Claim
from saecore.report.rendering import FACES, VERDICT

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "notebooks").glob("*.py"))
PAGES = sorted((ROOT / "book" / "notebooks").glob("*.ipynb"))
TRIED = 40
CONTENTS = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))


def code(page: Path) -> list:
    return [
        cell
        for cell in notebooks.read(page).cells
        if cell.cell_type == "code" and cell.source.strip()
    ]


def outputs(page: Path) -> list:
    return [output for cell in code(page) for output in cell.outputs]


def test_every_source_has_a_page_and_every_page_a_source():
    assert [path.stem for path in SOURCES] == [path.stem for path in PAGES]
    assert SOURCES


def listed(entry: dict) -> list[str]:
    """A page of the table of contents and the pages below it."""
    below = [file for page in entry.get("sections", []) for file in listed(page)]
    return [entry["file"], *below]


def test_the_table_of_contents_names_pages_that_exist():
    chapters = [chapter for part in CONTENTS["parts"] for chapter in part["chapters"]]
    files = [CONTENTS["root"], *(file for one in chapters for file in listed(one))]
    made = {f"api/{room.name}" for room in docs_pages.rooms()}
    assert made <= set(files)
    for file in set(files) - made:
        written, run = ROOT / "book" / f"{file}.md", ROOT / f"{file}.py"
        assert written.is_file() or run.is_file(), file
    assert {f"notebooks/{source.stem}" for source in SOURCES} <= set(files)
    assert len(files) == len(set(files))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_page_is_what_its_source_gives(source):
    stale = notebooks.staleness(
        source, ROOT / "book" / "notebooks" / f"{source.stem}.ipynb"
    )
    assert stale is None, f"{stale}: run `make pages`"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_was_executed_in_order_without_errors_or_warnings(page):
    assert [cell.execution_count for cell in code(page)] == list(
        range(1, len(code(page)) + 1)
    )
    assert [output for output in outputs(page) if output.output_type == "error"] == []
    assert [
        output.text for output in outputs(page) if output.get("name") == "stderr"
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_what_a_page_shows_of_a_number_is_the_number_it_stores(page):
    for output in outputs(page):
        for mime in FACES.keys() & output.get("data", {}).keys():
            for face, text in FACES[mime](output.data[mime]).items():
                assert joined_text(output.data[face]) == text
    assert [line for cell in code(page) for line in misplaced_captions(cell)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_carries_no_times_no_paths_and_the_shipped_parameters(page):
    text = page.read_text(encoding="utf-8")
    for pattern in (r'"papermill":', r'"iopub', r"site-packages", r"0x[0-9a-f]{8,}"):
        assert not re.search(pattern, text), pattern
    assert notebooks.read(page).metadata["saecore"]["parameters"] == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_committed_result_of_a_claim_is_the_one_on_its_page_under_the_rule_of_today(
    page,
):
    for twin in (
        output.data[VERDICT]
        for output in outputs(page)
        if VERDICT in output.get("data", {})
    ):
        stored = ROOT / "book" / "results" / twin["profile"] / f"{twin['claim']}.json"
        assert json.loads(stored.read_text(encoding="utf-8")) == twin
        claim = Claim.read(twin["claim"])
        assert (twin["sentence"], twin["source"]) == (claim.sentence, claim.source)
        by_name = {part.name: part for part in claim.parts}
        named = [part["name"] for part in [*twin["parts"], *twin["left_out"]]]
        assert sorted(named) == sorted(by_name)
        for judged in twin["parts"]:
            part = by_name[judged["name"]]
            rule = [
                {"number": c.number, "interval": c.interval, "than": c.than}
                for c in part.conditions
            ]
            assert [
                {k: c[k] for k in ("number", "interval", "than")}
                for c in judged["conditions"]
            ] == rule


def numbers(value, path=()) -> list[tuple]:
    """Where the numbers of a nested JSON value are, zeros left out; of a long list,
    every so many.
    """
    if isinstance(value, dict):
        return [place for key in value for place in numbers(value[key], (*path, key))]
    if isinstance(value, list):
        step = 1 + len(value) // 25
        return [
            place
            for i in range(0, len(value), step)
            for place in numbers(value[i], (*path, i))
        ]
    return (
        [path]
        if isinstance(value, int | float) and not isinstance(value, bool) and value
        else []
    )


@contextmanager
def changed(output, path):
    """While open, the number at `path` of an output is five percent larger."""
    spot = at(output, path[:-1])
    before = spot[path[-1]]
    spot[path[-1]] *= 1.05
    try:
        yield
    finally:
        spot[path[-1]] = before


def at(value: Any, path: tuple) -> Any:
    """What stands at a path."""
    for key in path:
        value = value[key]
    return value


def named(twin):
    """What a result is called in a message."""
    return twin.get("name") or twin["claim"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_stored_number_that_is_off_by_five_percent_would_fail_the_rerun(page):
    """But for numbers near zero, where five percent are less than the absolute
    tolerance. Of a large result some forty numbers are tried; `faults/` tries all.
    """
    for output in outputs(page):
        off = copy.deepcopy(output)
        for mime in FACES.keys() & output.get("data", {}).keys():
            twin = output.data[mime]
            places = numbers(twin)
            for path in places[:: 1 + len(places) // TRIED]:
                near_zero = 0.05 * abs(at(twin, path)) <= twin.get("atol", 0)
                with changed(off, ("data", mime, *path)):
                    assert near_zero or differences(
                        [off], [output], rtol=1e-3, atol=1e-9
                    ), (named(twin), path)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_an_absolute_tolerance_is_small_beside_the_numbers_it_stands_with(page):
    for output in outputs(page):
        for mime in FACES.keys() & output.get("data", {}).keys():
            twin = output.data[mime]
            stored = {
                k: v for k, v in twin.items() if k in ("value", "columns", "numbers")
            }
            largest = max(
                (abs(at(stored, path)) for path in numbers(stored)), default=0
            )
            assert twin.get("atol", 0) <= max(0.05 * largest, 0.01), (
                named(twin),
                twin["atol"],
                largest,
            )


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_printed_number_that_is_off_by_five_percent_would_fail_the_rerun(page):
    for output in outputs(page):
        text = joined_text(output.get("text", ""))
        for match in NUMBER.finditer(text):
            if float(match.group()):
                off = f"{text[: match.start()]}{float(match.group()) * 1.05!r}{text[match.end() :]}"
                assert differences(
                    [{**output, "text": off}], [output], rtol=1e-3, atol=1e-9
                ), match.group()


def test_the_provenance_names_every_page_with_its_cost():
    facts = json.loads(
        (ROOT / "book" / "notebooks" / "provenance.json").read_text(encoding="utf-8")
    )
    assert sorted(facts["notebooks"]) == [page.stem for page in PAGES]
    for cost in facts["notebooks"].values():
        assert cost["seconds"] > 0
        assert cost["peak_mb"] > 50


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_portable_twin_of_a_page_has_its_code_and_no_myst(page):
    twin = notebooks.read(ROOT / "book" / "portable" / page.name)
    wanted = [cell.source for cell in code(page)]
    assert [cell.source for cell in twin.cells if cell.cell_type == "code"][
        1:
    ] == wanted
    text = "\n".join(cell.source for cell in twin.cells if cell.cell_type == "markdown")
    assert not re.search(r"\{[\w:-]+\}`|^[:`]{3,}\{|^\([\w-]+\)=$", text, re.M)


def test_every_citation_has_an_entry_and_every_entry_an_address():
    entries = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    keys = set(re.findall(r"^@\w+\{([\w-]+),", entries, re.M))
    assert len(re.findall(r"^  url = \{https://", entries, re.M)) == len(keys)
    texts = [
        path.read_text(encoding="utf-8")
        for path in [*SOURCES, *(ROOT / "book").glob("*.md")]
    ]
    cited = {
        key.strip()
        for text in texts
        for group in re.findall(r"\{cite:\w+\}`([^`]+)`", text)
        for key in group.split(",")
    }
    assert cited <= keys
