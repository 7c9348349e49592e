"""The files of an explorer: their content, their size, and that text stays text."""

import csv
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from saecore.book.link_check import problems
from saecore.explorer import files as explorers
from saecore.explorer import page as explorer_page
from saecore.explorer.content import Dictionary, Explorer, Latent


def data(path: Path) -> list:
    """The key and the content of a data file."""
    text = path.read_text(encoding="ascii")
    call = re.fullmatch(r"saeExplorer\((.*)\);\n", text, re.DOTALL)
    assert call, text[:80]
    return json.loads(f"[{call.group(1)}]")


class Tags(HTMLParser):
    """The names of all tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


@pytest.fixture
def written(explorer: Explorer, tmp_path: Path) -> Path:
    explorer_page.standalone(explorer, tmp_path, title="<Explorer> & latents")
    return tmp_path


def test_every_latent_can_be_read_back_from_the_file_of_its_chunk(explorer, written):
    for dictionary in explorer.dictionaries:
        key, index = data(written / "data" / dictionary.name / "index.js")
        assert (key, len(index)) == (dictionary.name, len(dictionary.latents))
        for number, latent in enumerate(dictionary.latents):
            part = number // explorers.CHUNK
            key, chunk = data(written / "data" / dictionary.name / f"{part}.js")
            assert key == f"{dictionary.name}/{part}"
            found = chunk[number % explorers.CHUNK]
            for name in ("tokens", "promoted", "lowered", "parts", "users"):
                assert found[name] == [list(pair) for pair in getattr(latent, name)]
            assert found["nearest"] == [list(link) for link in latent.nearest]
            assert index[number][2] == [token for token, _ in latent.tokens]
            for shown, context in zip(found["contexts"], latent.contexts, strict=True):
                sequence, position, level, tokens, fired = shown
                assert (sequence, position, level, tokens) == (
                    *context[:2],
                    context.level,
                    context.tokens,
                )
                values = dict(zip(fired[::2], fired[1::2], strict=True))
                assert [values.get(place, 0) for place in range(len(tokens))] == list(
                    context.values
                )


def test_the_catalogue_names_every_dictionary_and_spells_every_token(explorer, written):
    _, catalogue = data(written / "data" / "catalogue.js")
    assert catalogue["vocabulary"] == list(explorer.vocabulary)
    assert [one["name"] for one in catalogue["dictionaries"]] == ["relu-70", "meta-3"]
    assert [one["latents"] for one in catalogue["dictionaries"]] == [70, 3]
    assert [one["by_token"] for one in catalogue["dictionaries"]] == [True, False]
    key, lists = data(written / "data" / "relu-70" / "tokens.js")
    assert (key, lists) == ("relu-70/tokens", explorer.dictionaries[0].by_token)


def test_data_files_are_ascii_without_a_character_that_html_reads(written):
    for path in (written / "data").rglob("*.js"):
        if path.name != "explorer.js":
            text = path.read_text(encoding="ascii")
            assert "<" not in text
            assert text.count("\n") == 1


def test_no_token_becomes_a_tag_on_the_page(written):
    page = (written / "explorer.html").read_text(encoding="utf-8")
    parser = Tags()
    parser.feed(page)
    assert parser.found.count("script") == 2
    assert not {"img", "b", "i"} & set(parser.found)
    assert parser.found.count("h1") == 1
    assert "<title>&lt;Explorer&gt; &amp; latents</title>" in page
    assert "&lt;script&gt;document.title=" in page  # the token is there, as text


def test_without_a_script_there_is_a_table_of_the_most_frequent_latents(
    explorer, tmp_path
):
    text = explorer_page.fragment(explorer, base="data", version="1", rows=5)
    table = re.findall(r"<noscript>.*</noscript>", text, re.DOTALL)[0]
    assert re.findall(r'<th scope="row">(\d+)</th>', table) == ["0", "1", "2", "3", "4"]
    assert 'href="data/relu-70.csv"' in text


def test_the_page_stands_on_its_own_and_all_its_links_lead_somewhere(written):
    assert problems(written) == []


def test_the_scripts_that_are_shipped_fetch_nothing_and_never_write_html():
    script = (explorers.ASSETS / "explorer.js").read_text(encoding="utf-8")
    style = (explorers.ASSETS / "explorer.css").read_text(encoding="utf-8")
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "fetch(",
    ):
        assert forbidden not in script
    assert "XMLHttpRequest" not in script
    assert re.findall(r"https?://[\w./]+", script + style) == [
        "http://www.w3.org/2000/svg"
    ]  # a name


def test_every_latent_is_a_line_of_the_table_to_download(explorer, written):
    with (written / "data" / "relu-70.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["latent"]) for line in lines] == list(range(70))
    for line, latent in zip(lines, explorer.dictionaries[0].latents, strict=True):
        assert json.loads(line["fires on"]) == [
            explorer.vocabulary[token] for token, _ in latent.tokens
        ]
        assert {int(m): w for m, w in json.loads(line["meta-latents"]).items()} == dict(
            latent.parts
        )
        assert float(line["frequency"]) == pytest.approx(latent.frequency, rel=0.01)
        texts = [
            "".join(explorer.vocabulary[t] for t in c.tokens)
            for c in latent.contexts
            if c.level is None
        ]
        assert json.loads(line["strongest contexts"]) == texts
        assert not [cell for cell in line.values() if cell and cell[0] in "=+-@\t"], (
            "a cell reads as a formula"
        )
    assert lines[16]["label"] == "category: bird"


def test_the_version_changes_with_the_content_and_with_nothing_else(explorer, tmp_path):
    first = explorers.write(explorer, tmp_path / "one")
    assert explorers.write(explorer, tmp_path / "two") == first
    other = Explorer([*explorer.vocabulary[:-1], "other"], explorer.dictionaries)
    assert explorers.write(other, tmp_path / "one") != first


def test_writing_again_leaves_nothing_of_the_last_time(explorer, tmp_path):
    explorers.write(explorer, tmp_path / "data")
    alone = Explorer(
        explorer.vocabulary,
        [Dictionary("one", "One", "#000000", {}, [Latent(0.5, 1.0)])],
    )
    explorers.write(alone, tmp_path / "data")
    assert not (tmp_path / "data" / "relu-70").exists()


def test_the_first_view_of_four_thousand_latents_is_small(tmp_path):
    words = [f" token{number}" for number in range(7000)]
    tokens, twice = [(number, 0.123) for number in range(8)], [("sae", 1, 0.5)] * 8
    one = Latent(
        0.0123, 4.56, tokens, tokens, tokens, nearest=twice, parts=[(1, 0.5)] * 4
    )
    latents = [one] * 4096
    sae = Dictionary("sae", "SAE", "#0072B2", {}, latents, meta="sae")
    page = explorer_page.standalone(Explorer(words, [sae]), tmp_path, title="Many")
    first = [
        page,
        *(
            tmp_path / "data" / name
            for name in ("explorer.js", "explorer.css", "catalogue.js")
        ),
    ]
    first += [tmp_path / "data" / "sae" / name for name in ("index.js", "0.js")]
    assert (
        sum(path.stat().st_size for path in first) < 1_000_000
    )  # the bar is 3 MB, with the book's theme


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a/b"}, "name must be made of a-z"),
        ({"name": "../up"}, "name must be made of a-z"),
        ({"colour": "red;}"}, "its colour be like"),
        (
            {"latents": [Latent(0.5, 1.0, tokens=[(99, 1.0)])]},
            r"tokens must be numbers below 21, .* has \[99\]",
        ),
        (
            {"latents": [Latent(0.5, 1.0, nearest=[("gone", 0, 1.0)])]},
            "may only point to latents of the explorer",
        ),
        (
            {"by_token": [[0]]},
            "for no token or for every token of the vocabulary, but one does for 1 of 21",
        ),
        (
            {"by_token": [[1], *[[]] * 20]},
            r"tokens may only point to latents of one, not to \[1\]",
        ),
        (
            {"latents": [Latent(0.5, 1.0, parts=[(0, 1.0)])]},
            "may only point to latents of the explorer",
        ),
        (
            {"latents": [Latent(0.5, 1.0, nearest=[("one", 1, 1.0)])]},
            "may only point to latents",
        ),
    ],
)
def test_what_a_page_could_not_show_is_refused(explorer, tmp_path, change, message):
    sound = Dictionary("one", "One", "#000000", {}, [Latent(0.5, 1.0)])
    with pytest.raises(ValueError, match=message):
        explorers.write(
            Explorer(explorer.vocabulary, [sound._replace(**change)]), tmp_path / "data"
        )
    assert not (tmp_path / "data").exists()


def test_dictionaries_need_names_of_their_own(explorer, tmp_path):
    one = Dictionary("one", "One", "#000000", {}, [Latent(0.5, 1.0)])
    for dictionaries in ([], [one, one]):
        with pytest.raises(ValueError, match="names of their own"):
            explorers.write(
                Explorer(explorer.vocabulary, dictionaries), tmp_path / "data"
            )


def test_numbers_that_json_does_not_know_are_refused(tmp_path):
    broken = Dictionary("one", "One", "#000000", {}, [Latent(float("nan"), 1.0)])
    with pytest.raises(ValueError, match="not JSON compliant"):
        explorers.write(Explorer(["a"], [broken]), tmp_path / "data")


def test_the_script_is_one_that_node_accepts():
    from shutil import which

    node = which("node")
    if node is None:
        pytest.skip(
            "node is not installed: the syntax of explorer.js is not checked without a browser"
        )
    done = subprocess.run(
        [node, "--check", explorers.ASSETS / "explorer.js"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
