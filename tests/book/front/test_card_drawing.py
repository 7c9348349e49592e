"""The picture of a card is valid, whole and says what it shows."""

import itertools
from xml.etree import ElementTree as xml

import pytest

from saecore.book.front.card_drawing import (
    WIDTH,
    SubjectRow,
    card_facts,
    card_svg,
    rows_in_words,
)
from saecore.book.front.headline import headline

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def rows(runs, front) -> list[SubjectRow]:
    return [
        SubjectRow(f"on <{name}> & more", twin["verdict"], headline(twin, front))
        for (name, _), twin in runs["seed_dependence"].items()
    ]


@pytest.fixture
def svg(rows) -> xml.Element:
    made = card_svg("Seeds differ", "A paper: “so”", rows, sign="Run of today.")
    return xml.fromstring(xml.tostring(made, encoding="unicode"))


def test_it_has_a_title_a_description_and_both_colour_schemes(svg, rows):
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert (title.text, desc.text) == ("Seeds differ", rows_in_words(rows))
    assert svg.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    style = svg.find(f"{SVG}style")
    assert style is not None
    assert "prefers-color-scheme:dark" in (style.text or "")


def test_all_that_is_drawn_lies_inside(svg):
    height = float(svg.get("height", "0"))
    for element in svg.iter():
        for name, most in (("x", WIDTH), ("cx", WIDTH), ("y", height), ("cy", height)):
            if value := element.get(name):
                assert 0 <= float(value) <= most, (element.tag, name, value)


def test_lines_of_text_are_apart(svg):
    places = sorted(
        (float(t.get("y", "0")), float(t.get("x", "0"))) for t in svg.iter(f"{SVG}text")
    )
    for (y, x), (below, other) in itertools.pairwise(places):
        assert below - y >= 10 or x != other


def test_number_chance_and_paper_are_at_their_places_on_one_axis(svg):
    dots = [c.get("cx") for c in svg.iter(f"{SVG}circle")]
    diamonds = list(svg.iter(f"{SVG}polygon"))
    assert len(diamonds) == 4  # on the axis and in the key, of each subject
    null, number = (float(d or 0) for d in dots[:2])
    paper = float((diamonds[0].get("points") or "").split(",")[0])
    assert null < number < paper
    assert (paper - null) / (number - null) == pytest.approx(0.40 / 0.33, rel=0.02)


def test_the_facts_say_each_number_with_its_words(rows):
    first, second, paper = card_facts(rows[0].headline)
    assert first.endswith("share: 0.35 [0.30, 0.40]")
    assert second.endswith(": 0.02 [0.01, 0.05]")
    assert paper == "paper: 0.42 (Pythia)"


def test_a_subject_without_the_number_says_so(rows):
    bare = rows[0].headline._replace(number=None, null=None)
    assert card_facts(bare) == ["not measured"]
    made = card_svg("A", "B", [rows[0]._replace(headline=bare)], sign="C")
    assert "not measured" in xml.tostring(made, encoding="unicode")
