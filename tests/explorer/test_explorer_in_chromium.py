"""The explorer in a real browser, opened from the disk: what is on the page after its
scripts have run.
"""

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from saecore.explorer import page as explorer_page

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
OPTIONS = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
    ),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--virtual-time-budget=20000",
    ),
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None,
    reason="Chromium is not installed: the explorer's script is not run (apt install chromium)",
)
LATENT, META = "#/relu-70/14", "#/meta-3/1"
SEARCHES = {
    # the latent with this label goes before those that fire on the token
    "#/search/bird": 16,
    "#/relu-70?q=%20KING": 14,
    "#/relu-70?q=17": 17,
    "#/relu-70?q=%2317&in=number": 17,
    "#/relu-70?q=bird&in=label": 16,
    "#/relu-70?q=%3Cscript&in=label": 40,
}
LOST = {
    "#/relu-70/70": "has the latents 0 to 69",
    "#/relu-70/one": "has the latents 0 to 69",
    "#/%3Cimg%20src=x%3E/1": "There is no dictionary called “<img src=x>”",
    "#/%E0%A4%A/1": "There is no dictionary called",
}
HOSTILE = {f"#/relu-70/{number}": number for number in range(14)}
NAMED = {"\n": "↵", "\u2028": "⟨2028⟩", "\x00": "⟨0000⟩", "\u202e": "⟨202e⟩"}
QUEEN = "#/relu-70?q=queen&in=fires"
OTHERS = (QUEEN, "#/relu-70?q=zzz", "#/relu-70/69")

DRIVER = """
const root = document.getElementById("sae-explorer"), said = [];
const wait = (ms = 250) => new Promise(done => setTimeout(done, ms));
const press = async key => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
  await wait();
};
const type = async words => {
  document.activeElement.value = words;
  document.activeElement.dispatchEvent(new Event("input", { bubbles: true }));
  await wait();
};
addEventListener("load", async () => {
  await wait();
  await drive();
  const textContent = JSON.stringify(said);
  document.body.append(Object.assign(document.createElement("pre"), { id: "said", textContent }));
});
"""
VISITS = """
const drive = async () => {
  for (const address of %s) {
    location.hash = address;
    await wait();
    said.push([document.title, root.innerHTML]);
  }
};
"""
KEYS = """
const drive = async () => {
  const focus = () => document.activeElement.dataset.number || document.activeElement.id;
  await press("/"); said.push(focus());
  await type("king"); said.push(location.hash);
  await press("ArrowDown"); said.push(focus());
  await press("ArrowDown"); said.push(focus());
  document.activeElement.click(); await wait(); said.push(location.hash);
  await press("ArrowRight"); said.push(location.hash);
  await press("Escape"); said.push(location.hash, focus());
  await press("Escape"); said.push(location.hash);
};
"""


def opened(page: Path, profile: Path, *, address: str = "") -> str:
    """The page's HTML after twenty seconds of the browser's own time."""
    assert CHROMIUM
    done = subprocess.run(
        [
            CHROMIUM,
            *OPTIONS,
            f"--user-data-dir={profile}",
            "--dump-dom",
            f"{page.as_uri()}{address}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
    )
    assert 'data-ready="' in done.stdout, (
        f"it did not start: {done.stdout[:500]} {done.stderr[-800:]}"
    )
    return done.stdout


def driven(page: Path, profile: Path, script: str) -> list:
    """What a script said that drove the page."""
    text = page.read_text(encoding="utf-8")
    copy = page.with_name("driven.html")
    copy.write_text(
        text.replace("</body>", f"<script>{DRIVER}{script}</script></body>"),
        encoding="utf-8",
    )
    said = re.search(r'<pre id="said">(.*?)</pre>', opened(copy, profile), re.DOTALL)
    assert said, "the script that drives the page did not come to its end"
    return json.loads(unescape(said.group(1)))


@pytest.fixture(scope="session")
def page(explorer, tmp_path_factory) -> Path:
    return explorer_page.standalone(
        explorer, tmp_path_factory.mktemp("site"), title="Explorer"
    )


@pytest.fixture(scope="session")
def visited(page, tmp_path_factory) -> dict[str, tuple[str, str]]:
    """Title of the page and HTML of the explorer at every address, one after the other
    in one browser.
    """
    addresses = [LATENT, META, *SEARCHES, *LOST, *HOSTILE, *OTHERS]
    said = driven(
        page, tmp_path_factory.mktemp("profile"), VISITS % json.dumps(addresses)
    )
    return {
        address: tuple(shown) for address, shown in zip(addresses, said, strict=True)
    }


def part(dom: str, tag: str, css: str) -> str:
    """The inside of the first such element that no element of its kind is nested in."""
    found = re.search(rf'<{tag}[^>]*class="{css}"[^>]*>(.*?)</{tag}>', dom, re.DOTALL)
    assert found, f"no {tag}.{css} on the page"
    return found.group(1)


def text(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def detail(dom: str) -> str:
    return part(dom, "article", "ex-detail")


def numbers(dom: str) -> list[int]:
    """The latents of the list."""
    return [
        int(number)
        for number in re.findall(r'data-number="(\d+)"', part(dom, "ol", "ex-list"))
    ]


def test_a_link_to_a_latent_opens_it_and_shows_everything_about_it(page, tmp_path):
    dom = opened(page, tmp_path, address=LATENT)
    shown = text(detail(dom))
    for words in (
        "Latent 14",
        "Fires on",
        "king",
        "60 %",
        "Promotes",
        "bird",
        "+5.50",
        "Lowers",
        "−4.50",
    ):
        assert words in shown
    for words in (
        "Strongest contexts",
        "Weaker contexts",
        "Its meta-latents",
        "Nearest directions",
        "0.500",
    ):
        assert words in shown
    assert 'href="#/meta-3/2"' in dom
    assert 'href="#/relu-70/15"' in dom
    assert len(re.findall("<mark ", dom)) == 6  # two tokens in each of three contexts
    assert dom.count('aria-current="true"') == 1
    assert len(numbers(dom)) >= 60


def test_a_visit_shows_what_a_link_shows(visited, page, tmp_path):
    assert detail(visited[LATENT][1]) == detail(opened(page, tmp_path, address=LATENT))


def test_a_meta_latent_lists_the_latents_that_use_it(visited, explorer):
    shown = detail(visited[META][1])
    users = explorer.dictionaries[1].latents[1].users
    assert f"{len(users)} latents" in text(shown)
    assert {int(j) for j in re.findall(r'href="#/relu-70/(\d+)"', shown)} == {
        j for j, _ in users
    }


@pytest.mark.parametrize("address", SEARCHES)
def test_a_search_has_an_address_and_finds_tokens_labels_and_numbers(visited, address):
    dom = visited[address][1]
    found = numbers(dom)
    assert found[0] == SEARCHES[address]
    assert f"{len(found)} of 70 latents" in text(part(dom, "output", "ex-count"))


def test_a_search_for_a_token_also_finds_latents_that_have_it_not_among_their_first(
    visited,
):
    assert 50 in numbers(visited[QUEEN][1])


def test_a_search_for_what_is_not_there_says_so(visited):
    assert "0 of 70 latents" in text(
        part(visited["#/relu-70?q=zzz"][1], "output", "ex-count")
    )


@pytest.mark.parametrize("address", HOSTILE)
def test_hostile_tokens_are_shown_as_text_and_do_nothing(visited, explorer, address):
    title, dom = visited[address]
    assert title == "Explorer"
    shown = detail(dom)
    assert not re.search(r"<(script|img|noscript|i|b|h1)\b", shown)
    assert not re.search("[\u202e\u2028\x00]", shown)
    token = explorer.vocabulary[HOSTILE[address]]
    spelled = token.translate({ord(c): name for c, name in NAMED.items()})
    chips = [
        text(chip) for chip in re.findall(r'<bdi class="ex-token">(.*?)</bdi>', shown)
    ]
    assert chips[0] == spelled
    assert spelled in text(part(shown, "ol", "ex-contexts"))


@pytest.mark.parametrize("address", LOST)
def test_an_address_that_leads_nowhere_says_so(visited, address):
    shown = detail(visited[address][1])
    assert LOST[address] in text(shown)
    assert "<img" not in shown


def test_a_silent_latent_says_that_it_is_silent(visited):
    assert "no token" in text(detail(visited["#/relu-70/69"][1]))


def test_the_page_has_landmarks_labels_and_a_live_count(visited):
    dom = visited[LATENT][1]
    for mark in (
        'role="search"',
        'aria-live="polite"',
        'aria-labelledby="ex-title"',
        'id="ex-title"',
        "<nav",
    ):
        assert mark in dom
    controls = re.findall(r'<(?:input|select)[^>]*id="([\w-]+)"', dom)
    assert len(controls) == 4
    for control in controls:
        assert f'<label for="{control}">' in dom


def test_a_file_that_is_missing_is_named(explorer, tmp_path):
    page = explorer_page.standalone(explorer, tmp_path / "site", title="Explorer")
    (page.parent / "data" / "relu-70" / "2.js").unlink()
    dom = opened(page, tmp_path / "profile", address="#/relu-70/40")
    assert "relu-70/2 could not be loaded" in text(detail(dom))


def test_everything_can_be_reached_with_the_keyboard(page, tmp_path):
    search, query, first, second, latent, after, back, focus, end = driven(
        page, tmp_path, KEYS
    )
    assert (search, query) == ("ex-q", "#/relu-70?q=king")
    assert (first, second) == ("14", "35")  # both fire on it; down the list
    assert (latent, after) == ("#/relu-70/35?q=king", "#/relu-70/36?q=king")
    assert (back, focus) == ("#/relu-70?q=king", "ex-q")
    assert end == "#/relu-70"
