"""What stands in the page: all of it in a table, and a script that only looks up."""

import re
import shutil

import pytest

from saecore.report.slider_faces import slider_faces

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot be told"
VERDICTS = [HOLDS, HOLDS, FAILS, OPEN, HOLDS, None]
TWIN = {
    "name": "t",
    "claim": "c",
    "caption": "How <far>?",
    "axes": [
        {"says": "least lead", "values": [0.5, 1.0, 3.0], "book": 1.0},
        {"says": "least cosine", "values": [0.1, 0.2], "book": 0.1},
    ],
    "parts": [
        {"name": "p", "says": "More & more", "shows": "rate", "null": "null",
         "bars": [{"interval": "above", "than": 0.25}]},
    ],
    "words": {"rate": "share of words", "null": "the same by chance"},
    "columns": [
        ["rate", [0.61, 0.52, 0.43, 0.34, 0.25, None]],
        ["rate low", [0.6, 0.5, 0.4, 0.3, 0.2, None]],
        ["rate high", [0.62, 0.54, 0.46, 0.38, 0.3, None]],
        *([f"null{end}", [0.1] * 6] for end in ("", " low", " high")),
    ],
    "verdicts": [["p", VERDICTS], ["claim", VERDICTS]],
}  # fmt: skip


def test_without_a_script_the_rule_of_the_book_is_shown_and_the_rest_in_a_table():
    html = slider_faces(TWIN)["text/html"]
    assert 'class="sae-slider-controls" hidden' in html
    assert "How &lt;far&gt;?" in html
    assert html.count("<tr") == 1 + 6
    (readout,) = re.findall(r'<dl class="sae-card-facts">.*?</dl>', html)
    assert "0.43 [0.40, 0.46]" in readout
    assert "0.10" in readout
    assert "<noscript>" in html
    assert html.count('data-point class="sae-now"') == 1
    assert html.count("data-point hidden") == 3  # those of the other cosine


def test_every_range_has_a_label_and_every_badge_a_word():
    html = slider_faces(TWIN)["text/html"]
    named = re.findall(r'<label for="([^"]+)">', html)
    assert named == re.findall(r'<input type="range" id="([^"]+)"', html)
    assert html.count('role="status"') == 2
    assert "1.0 (the rule)" not in html
    assert "1 (the rule)" in html


def test_a_page_pays_little_for_it():
    assert len(slider_faces(TWIN)["text/html"].encode()) < 30_000


def test_the_text_has_all_settings():
    lines = slider_faces(TWIN)["text/plain"].splitlines()
    assert len(lines) == 7
    assert lines[3].split()[:6] == ["1", "(the", "rule)", "0.1", "(the", "rule)"]
    assert "does not hold" in lines[3]
    assert "not run on this model" in lines[6]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: the slider's script is not run")
    from playwright.sync_api import sync_playwright

    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(f"<!doctype html><body>{slider_faces(TWIN)['text/html']}")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM)
        opened = browser.new_page()
        opened.goto(path.as_uri())
        yield opened
        browser.close()


def seen(page):
    badges = page.locator('[role="status"]').all_inner_texts()
    return [*page.locator("output").all_inner_texts(), *badges]


def test_keys_move_to_the_numbers_and_verdicts_of_the_table(page):
    page.locator("button").click()
    rule = ["1 (the rule)", "0.1 (the rule)", "✗ does not hold", "✗ does not hold"]
    assert seen(page) == rule
    page.locator("input").first.press("ArrowRight")
    assert seen(page) == ["3", "0.1 (the rule)", "✓ holds", "✓ holds"]
    page.locator("input").nth(1).press("End")
    assert seen(page)[1:3] == ["0.2", "not run on this model"]
    assert page.locator("[data-point]:visible").count() <= 3
    assert page.locator("tr.sae-now").count() == 1
    assert page.locator("input").first.get_attribute("aria-valuetext") == "3"
    page.locator("button").click()
    assert seen(page) == rule
