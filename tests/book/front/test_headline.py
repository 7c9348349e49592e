"""The number that stands for a claim."""

import tomllib
from pathlib import Path

import pytest

from saecore.book.claims_table import collect
from saecore.book.front.headline import front_words, headline
from saecore.report.judging.claim import Claim

ROOT = Path(__file__).parents[3]


def test_it_is_the_first_core_part_unless_another_is_named(runs, front):
    twin = runs["seed_dependence"]["tiny", 0]
    shown = headline(twin, front)
    assert shown.part["name"] == "differ"
    assert (shown.number, shown.null) == ((0.35, 0.3, 0.4), (0.02, 0.01, 0.05))
    assert shown.papers == {"Pythia": 0.42}
    other = headline(twin, front | {"headlines": {"seed_dependence": "alone"}})
    assert (other.part["name"], other.null, other.null_words) == ("alone", None, "")


def test_what_front_toml_names_must_be_there(runs, front):
    twin = runs["seed_dependence"]["tiny", 0]
    with pytest.raises(ValueError, match=r"must be one of .*names 'none'"):
        headline(twin, front | {"headlines": {"seed_dependence": "none"}})
    wrong = {"published": {"seed_dependence": {"x": "abstract.nothing"}}}
    with pytest.raises(ValueError, match=r"'abstract.nothing' .* is not there"):
        headline(twin, front | wrong)


def test_a_number_that_was_not_measured_is_none(runs, front):
    twin = runs["seed_dependence"]["tiny", 0]
    del twin["numbers"]["shared"]
    assert headline(twin, front).number is None


def test_the_books_own_front_names_parts_and_numbers_that_are_there():
    front = front_words(ROOT)
    runs = collect([ROOT / "book" / "results"])
    for name in Claim.names():
        assert name in front["short"]
        for twin in runs[name].values():
            assert headline(twin, front).number is not None
    known = tomllib.loads((ROOT / "book" / "claims.toml").read_text(encoding="utf-8"))
    assert set(front["short"]) | set(front["headlines"]) <= set(known)
