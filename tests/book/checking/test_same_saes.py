"""A page is the same as long as every file under it is."""

import json

from saecore import profiles
from saecore.book.checking import same_saes
from saecore.claims import sites


def test_a_page_that_asks_for_nothing_is_always_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    profile = profiles.read("tiny")
    zoo = sites.open_zoo(profile)
    found = same_saes.digests_of(["bench", "no page of the book"], zoo, profile)
    assert list(found) == ["bench"]
    assert same_saes.is_same("bench", {"artefacts": found}, zoo, profile)


def test_what_is_missing_is_not_the_same_and_what_was_not_noted_is(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    profile = profiles.read("tiny")
    zoo = sites.open_zoo(profile)
    assert same_saes.artefacts_digest("absorption_toys", zoo, profile) == ""
    noted = {"artefacts": {"absorption_toys": "a digest"}}
    assert not same_saes.is_same("absorption_toys", noted, zoo, profile)
    assert same_saes.is_same("absorption_toys", {}, zoo, profile)


def test_another_number_is_another_page(rows_in_a_zoo, monkeypatch):
    zoo, profile, site = rows_in_a_zoo
    page = "subjects"
    monkeypatch.setitem(same_saes.PAGES, page, lambda on: site)
    facts = {"artefacts": same_saes.digests_of([page], zoo, profile)}
    assert facts["artefacts"][page]
    assert same_saes.is_same(page, facts, zoo, profile)
    (note,) = (zoo.root / site.folder).glob("*/recipe.json")
    told = json.loads(note.read_text())
    told["files"] = dict.fromkeys(told["files"], "0" * 64)
    told.pop("digest")
    note.write_text(json.dumps(told))
    assert not same_saes.is_same(page, facts, zoo, profile)
