"""The page lies in one file, asks nothing of any other, and escapes every name."""

import math
import re
from html.parser import HTMLParser

import pytest

from saecore.audit.numbers import NotMeasured, Null, number
from saecore.audit.page import as_page, null_in_words, number_in_words
from saecore.audit.report import AuditFound, AuditReport
from saecore.measures.algebra.intervals import Interval

HOSTILE = "<img src=x onerror=alert(1)>&\"'"
FOUND = Interval(0.41, 0.39, 0.43, 0.01, 0.95)


def sae(name):
    return {"name": name, "width": 16384, "d_model": 3, "architecture": "topk",
            "hook_name": "blocks.1.hook_resid_post", "model_name": "m",
            "stored_dtype": "F32", "format": "SAELens"}  # fmt: skip


@pytest.fixture
def page():
    null = Null(0.03, HOSTILE)
    numbers = [
        number("shared", "shared", HOSTILE, FOUND, over="latents", null=null, says="s"),
        number("meta", "meta", "S", math.nan, says="nothing"),
    ]
    missing = [NotMeasured("rules", f"no {HOSTILE}")]
    report = AuditReport(
        sae(HOSTILE), [sae("other")], "", "", 0.7, {"shared": HOSTILE}, numbers,
        missing, AuditFound(fired=(1, 2, 3)),
    )  # fmt: skip
    return as_page(report)


class Seen(HTMLParser):
    """Tags that are open at the end, and what they ask for."""

    def __init__(self):
        super().__init__()
        self.tags, self.asked, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.asked += [v for k, v in attrs if k in ("src", "href", "action", "data")]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_nothing_is_asked_of_another_place(page):
    seen = Seen()
    seen.feed(page)
    assert seen.open == []
    assert "script" not in seen.tags
    assert "link" not in seen.tags
    assert all(one.startswith("data:image/png;base64,") for one in seen.asked)
    assert len(seen.asked) == 1
    assert not re.search(r"https?://|url\(|@import", page)
    assert "default-src 'none'" in page


def test_names_are_escaped(page):
    assert HOSTILE not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 4


def test_a_number_stands_beside_its_interval_and_null(page):
    assert "0.41 [0.39, 0.43]" in page
    assert "0.03" in page
    assert "Not measured: no" in page
    assert "16,384" in page


def test_numbers_in_words():
    one = number("meta", "m", "S", FOUND, over="x", null=Null(0.028, "n"), says="s")
    assert (number_in_words(one), null_in_words(one)) == ("0.41 [0.39, 0.43]", "0.03")
    with_ends = one._replace(null=Null(0.028, "n", 0.0, 0.06))
    assert null_in_words(with_ends) == "0.03 [0.00, 0.06]"
    bare = number("meta", "m", "S", 12.0, null=Null(0.5, "n"), says="s")
    assert (number_in_words(bare), null_in_words(bare)) == ("12", "0.5")
    unknown = number("meta", "m", "S", math.nan, says="s")
    assert (number_in_words(unknown), null_in_words(unknown)) == ("–", "–")
    zero = one._replace(value=0.0, low=0.0, high=0.0)
    assert number_in_words(zero) == "0"
