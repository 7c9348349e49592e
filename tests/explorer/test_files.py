"""The files of an explorer: their content, their size, and that text stays text."""

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest

from saecore.explorer import files as explorers
from saecore.explorer import page as explorer_page
from saecore.explorer.content import Explorer, Label, Latent, ShownDictionary


def data(path: Path) -> list:
    """The key and the content of a data file."""
    text = path.read_text(encoding="ascii")
    call = re.fullmatch(r"saeExplorer\((.*)\);\n", text, re.DOTALL)
    assert call, text[:80]
    return json.loads(f"[{call.group(1)}]")


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
        [ShownDictionary("one", "One", "#000000", {}, [Latent(0.5, 1.0)])],
    )
    explorers.write(alone, tmp_path / "data")
    assert not (tmp_path / "data" / "relu-70").exists()


def test_nothing_is_written_of_what_a_page_could_not_show(tmp_path):
    broken = ShownDictionary("a/b", "One", "#000000", {}, [Latent(0.5, 1.0)])
    with pytest.raises(ValueError, match="name must be made of a-z"):
        explorers.write(Explorer(["a"], [broken]), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_numbers_that_json_does_not_know_are_refused(tmp_path):
    broken = ShownDictionary("one", "One", "#000000", {}, [Latent(float("nan"), 1.0)])
    with pytest.raises(ValueError, match="must be finite"):
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


def test_halves_of_characters_formulas_and_control_characters_stay_text(tmp_path):
    label = Label("=HYPERLINK(1)\x1b[31m", 1.0, 1, 1)
    latent = Latent(0.5, 1.0, tokens=[(0, 1.0)], labels=[label])
    shown = ShownDictionary("one", "One", "#000000", {}, [latent])
    page = explorer_page.standalone(
        Explorer(["\ud800<b>"], [shown]), tmp_path, title="\udfff"
    )
    with (tmp_path / "data" / "one.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))[1]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell[:1]]
    text = page.read_text(encoding="utf-8")
    assert "\x1b" not in text
    assert "<b>" not in text
