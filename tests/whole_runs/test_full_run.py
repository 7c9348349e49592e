"""Whole runs: every seed and model named, run, and stored with what it was made of."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from saecore import profiles
from saecore.book.build import Pages
from saecore.whole_runs import full_run


@dataclass(frozen=True)
class Thing:
    folder: str
    key: str


WANTED = [Thing("saes", "b" * 64), Thing("saes", "a" * 64), Thing("rows", "c" * 64)]


class FakeZoo:
    def __init__(self):
        self.made = []

    def make(self, wanted):
        self.made += wanted


@pytest.fixture
def zoo(monkeypatch):
    found = FakeZoo()
    dear = [("interpretability", {"score": 0.5})]
    monkeypatch.setattr(full_run, "extras", lambda zoo, profile: dear)
    monkeypatch.setattr(full_run.sites, "open_zoo", lambda profile: found)
    possible = lambda zoo, profile: (WANTED, "")  # noqa: E731
    monkeypatch.setattr(full_run.all_recipes, "possible", possible)
    return found


def pages(root, folder, *, profile, world_seed, say):
    made = Pages(folder / "notebooks", folder / "results")
    for place in (made.notebooks, made.results / "tiny"):
        place.mkdir(parents=True)
    twin = {"claim": "differ", "world_seed": world_seed}
    (made.results / "tiny" / "differ.json").write_text(json.dumps(twin))
    return made


def test_a_seed_is_run_whole_and_its_verdicts_are_stored(tmp_path, zoo, monkeypatch):
    monkeypatch.setattr(full_run.build, "run", pages)
    old = tmp_path / "book" / "results" / "seeds" / "7" / "tiny" / "gone.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    target = full_run.run_seed(tmp_path, profiles.read("tiny"), 7)
    assert zoo.made == WANTED
    stored = json.loads((target / "tiny" / "differ.json").read_text())
    assert stored["world_seed"] == 7
    assert not old.exists()
    dear = json.loads((target / "interpretability-full.json").read_text())
    assert dear == {"score": 0.5}
    made = json.loads((target / "made.json").read_text())
    assert made["keys"] == {"saes": ["a" * 16, "b" * 16], "rows": ["c" * 16]}


def test_a_page_that_stops_stops_the_run_and_stores_nothing(tmp_path, zoo, monkeypatch):
    monkeypatch.setattr(full_run.build, "run", pages)
    stopped = {"absorption": "no letters"}
    monkeypatch.setattr(full_run.build, "stopped", lambda pages: stopped)
    with pytest.raises(ValueError, match=r"world seed 7, but .*no letters"):
        full_run.run_seed(tmp_path, profiles.read("tiny"), 7)
    assert not (tmp_path / "book").exists()


def test_a_model_has_the_sizes_of_the_profile_and_its_own_name(
    tmp_path, zoo, monkeypatch
):
    seen = []

    def verdicts(names, zoo, profile):
        seen.append(profile)
        yield {"claim": "differ", "profile": profile.name}
        yield {"claim": "differ", "profile": "world"}
        yield "absorption: not run"

    monkeypatch.setattr(full_run.verdicts, "verdicts", verdicts)
    said = []
    tiny = profiles.read("tiny")
    target = full_run.run_model(tmp_path, tiny, Path("/models/two"), said.append)
    assert (seen[0].widths, seen[0].folder) == (tiny.widths, Path("/models/two"))
    assert [path.name for path in sorted(target.iterdir())] == ["made.json", "two"]
    assert said == ["   absorption: not run"]


def test_what_each_run_costs_is_said_before(zoo, monkeypatch):
    monkeypatch.setattr(full_run, "estimate", lambda zoo, wanted: f"{len(wanted)}")
    tiny = profiles.read("tiny")
    said = full_run.costs_said(tiny, [0, 7], [Path("/models/two")])
    assert said == ["world seed 0: 3", "world seed 7: 3", "model two: 3"]


def test_claims_that_measure_more_in_whole_runs_are_asked(tmp_path, monkeypatch):
    from saecore.claims.absorption import full as by_layer
    from saecore.claims.interpretability import full as dear
    from saecore.zoo.store import Zoo

    for one in (by_layer, dear):
        monkeypatch.setattr(one, "full", lambda zoo, profile: {"on": profile.name})
    found = dict(full_run.extras(Zoo(tmp_path), profiles.read("tiny")))
    assert found == {"absorption": {"on": "tiny"}, "interpretability": {"on": "tiny"}}
