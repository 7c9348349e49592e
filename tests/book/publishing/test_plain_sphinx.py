"""The way out: a configuration and contents that Sphinx reads without Jupyter Book."""

from pathlib import Path

import pytest
import yaml

from saecore.book.publishing.plain_sphinx import (
    EXTENSIONS,
    conf_py,
    contents,
    plain_book,
)

ROOT = Path(__file__).parents[3]


def read(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_configuration_is_python_and_keeps_what_is_no_themes():
    found: dict = {}
    config = read("_config.yml")
    exec(conf_py(config), found)
    assert found["project"] == config["title"]
    assert found["extensions"] == list(EXTENSIONS)
    assert found["nb_execution_mode"] == "off"
    stated = config["sphinx"]["config"]
    assert found["mathjax_path"] == stated["mathjax_path"]
    assert found["html_static_path"] == stated["html_static_path"]
    assert not any(name.startswith("html_theme") for name in found)
    assert "jupyter_book" not in conf_py(config)


def test_every_page_stands_in_the_contents_in_its_order():
    text = contents(
        {
            "parts": [
                {
                    "caption": "Claims",
                    "chapters": [
                        {"file": "notebooks/a", "sections": [{"file": "notebooks/b"}]},
                        {"file": "c"},
                    ],
                }
            ]
        }
    )
    lines = text.strip().splitlines()
    assert lines == [
        *("```{toctree}", ":hidden:", ":caption: Claims"),
        *("notebooks/a", "notebooks/b", "c", "```"),
    ]


def pages(chapters):
    for chapter in chapters:
        yield chapter["file"]
        yield from pages(chapter.get("sections", []))


@pytest.mark.slow
def test_sphinx_alone_builds_the_committed_book(tmp_path):
    index = plain_book(ROOT, tmp_path)
    assert "<svg" in index.read_text() or "toctree" in index.read_text()
    for part in read("book/_toc.yml")["parts"]:
        for name in pages(part["chapters"]):
            assert (tmp_path / "html" / f"{name}.html").is_file()
