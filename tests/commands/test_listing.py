"""What is listed, filtered and counted."""

import json

import pytest

from saecore import profiles
from saecore.claims import all_recipes, sites
from saecore.commands.listing import (
    AskedArtefact,
    as_lines,
    asked_artefacts,
    listed_json,
)

TINY = profiles.read("tiny")


@pytest.fixture
def one_trained(monkeypatch, zoo, recipe, cheap_world):
    """Two SAEs are asked for; one of them is trained."""
    from dataclasses import replace

    both = [recipe, replace(recipe, seed=recipe.seed + 1)]
    monkeypatch.setattr(all_recipes, "all_recipes", lambda profile, written: both)
    monkeypatch.setattr(sites, "open_zoo", lambda profile: zoo)
    zoo.get(recipe)
    return both


def test_what_is_trained_and_what_is_missing_is_told_apart_and_counted(one_trained):
    found = asked_artefacts(TINY)
    assert [one.state for one in found] == ["trained", "missing"]
    assert found[0].bytes > 0 == found[1].bytes
    *lines, total = as_lines(found)
    assert lines == [f"{one.state}  {one.slug}" for one in found]
    assert total.startswith("2 in all: 1 trained (")
    assert total.endswith("MB), 1 missing")


def test_filters_leave_out_the_rest(one_trained):
    assert [one.state for one in asked_artefacts(TINY, state="missing")] == ["missing"]
    assert asked_artefacts(TINY, kinds=["metas"]) == []
    assert len(asked_artefacts(TINY, kinds=["saes"])) == 2


def test_a_page_lists_what_it_reads_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    for page, kinds in (("subjects", {"tokens", "rows"}), ("interpretability", None)):
        found = asked_artefacts(TINY, pages=[page])
        assert {one.state for one in found} == {"missing"}
        assert kinds in (None, {one.kind for one in found})
    assert list(tmp_path.iterdir()) == []


def test_the_json_has_every_field():
    one = AskedArtefact("missing", "saes", "a", 0)
    assert json.loads(listed_json([one])) == [one._asdict()]
