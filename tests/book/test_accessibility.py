"""The committed site in a real Chromium: axe finds nothing, in a light and in a dark
page, when it opens and after use, and no page is wider than a phone.

`make test` runs what is marked "site", on the pages of `FIRST` and the site that it has
just built, which $SAECORE_BUILT names; `make test-slow` runs the rest too. Without that
name the site is built once, as `saecore book --committed` does.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None,
    reason="Chromium is not installed: axe is not run (apt install chromium)",
)
FIRST = [
    *("intro", "explorer", "glossary", "references", "statements"),
    "notebooks/editing",
]
"""One page of each kind."""
PAGES = [
    *sorted(path.stem for path in (ROOT / "book").glob("*.md")),
    *sorted(f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.py")),
    *("genindex", "search", "404"),
]
EACH = [
    pytest.param(page, marks=pytest.mark.site if page in FIRST else pytest.mark.slow)
    for page in PAGES
]
MISMATCH = "label-content-name-mismatch"
AXE = f"axe.run(document, {{ rules: {{ '{MISMATCH}': {{ enabled: true }} }} }})"
"""All rules that are on by default, and one that axe still calls experimental."""
NEEDS = """(nodes) => nodes.violations.map(v => `${v.id}: ${v.nodes.length} times, first
${v.nodes[0].html.slice(0, 200)}`)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    if named := os.environ.get("SAECORE_BUILT"):
        assert (ROOT / named / "intro.html").is_file(), f"no site in {named}"
        return (ROOT / named).resolve()
    command = [sys.executable, "-m", "saecore", "book", "--committed"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return ROOT / "_build" / "committed" / "_build" / "html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core itself, which a package of pyproject.toml carries."""
    import axe_playwright_python

    package = Path(str(axe_playwright_python.__file__)).parent
    return (package / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Any, axe: str) -> list[str]:
    page.evaluate(axe)
    return page.evaluate(f"{AXE}.then({NEEDS})")


USED = """() => {
  document.querySelectorAll('details').forEach(one => { one.open = true; });
  document.querySelectorAll('input[type=range]').forEach(one => {
    one.value = one.max;
    one.dispatchEvent(new Event('input', { bubbles: true }));
    one.dispatchEvent(new Event('change', { bubbles: true }));
  });
}"""
"""What readers do to a page: all that is folded is open, every slider at its end."""


STILL = """*, *::before, *::after {
  transition: none !important; animation: none !important;
}"""
"""What fades in, as cells that are opened do, is judged when it is there."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", EACH)
def test_axe_finds_nothing_when_a_page_opens_and_after_use(
    site, browser, axe, name, scheme
):
    page = browser.new_page(color_scheme=scheme)
    page.goto((site / f"{name}.html").as_uri())
    page.add_style_tag(content=STILL)
    theme = "theme => document.documentElement.dataset.theme === theme"
    page.wait_for_function(theme, arg=scheme)
    opened = violations(page, axe)
    page.evaluate(USED)
    used = violations(page, axe)
    page.close()
    assert opened == []
    assert used == []


@pytest.mark.site
def test_axe_would_find_an_image_without_words(browser, axe):
    page = browser.new_page()
    page.set_content("<html lang=en><title>a</title><main><img src='a.png'></main>")
    found = violations(page, axe)
    page.close()
    assert any(line.startswith("image-alt") for line in found)


@pytest.mark.parametrize("name", EACH)
def test_no_page_is_wider_than_a_phone(site, browser, name):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((site / f"{name}.html").as_uri())
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width <= 390


@pytest.mark.site
def test_the_first_page_answers_on_one_screen(site, browser):
    """Both sentences and every row of the table, at 1280 x 800; on a phone the verdicts
    alone.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((site / "intro.html").as_uri())
    table = page.locator(".sae-glance table").bounding_box()
    assert table["y"] + table["height"] <= 800
    assert page.locator(".sae-glance .sae-number").first.is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.locator(".sae-glance .sae-number").first.is_visible()
    assert page.locator(".sae-glance .sae-badge").first.is_visible()
    page.close()
