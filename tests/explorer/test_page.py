"""The page around an explorer: text stays text, and it stands on its own."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from saecore.book.link_check import problems
from saecore.explorer import page as explorer_page
from saecore.explorer.content import Explorer, Latent, ShownDictionary


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


def test_the_first_view_of_four_thousand_latents_is_small(tmp_path):
    words = [f" token{number}" for number in range(7000)]
    tokens, twice = [(number, 0.123) for number in range(8)], [("sae", 1, 0.5)] * 8
    one = Latent(
        0.0123, 4.56, tokens, tokens, tokens, nearest=twice, parts=[(1, 0.5)] * 4
    )
    latents = [one] * 4096
    sae = ShownDictionary("sae", "SAE", "#0072B2", {}, latents, meta="sae")
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
