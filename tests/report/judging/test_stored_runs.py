"""Whole runs are read from their folders, and nothing else is."""

import json

import pytest

from saecore.report.judging import stored_runs as module
from saecore.report.judging.claim import Claim
from saecore.report.judging.registration import Registration
from saecore.report.judging.stored_runs import stored_extra, stored_parts, stored_runs


def twin(profile, low):
    claim = Claim.read("seed_dependence")
    dict(claim.constants)
    numbers = dict.fromkeys(claim.needs(), (low + 0.1, low, low + 0.2))
    return claim.judge(profile=profile, world_seed=0, numbers=numbers)


@pytest.fixture
def results(tmp_path, monkeypatch):
    stated = Registration((0, 7, 41), "a", "b")
    monkeypatch.setattr(module, "registration", lambda: stated)
    for run, low in (("seeds/41", 0.1), ("seeds/0", 0.2), ("models/other", 0.3)):
        for profile in ("tiny", "world"):
            folder = tmp_path / run / profile
            folder.mkdir(parents=True)
            stored = json.dumps(twin(profile, low))
            (folder / "seed_dependence.json").write_text(stored)
    (tmp_path / "seeds" / "41" / "made.json").write_text('{"date": "2026-11-30"}')
    (tmp_path / "seeds" / "3").mkdir()
    return tmp_path


def test_runs_come_in_the_order_of_their_registration_then_models(results):
    runs = stored_runs(results)
    names = [run.name for run in runs]
    assert names == ["world seed 0", "world seed 41", "model other"]
    assert [run.registered for run in runs] == [False, True, False]
    assert runs[1].made == {"date": "2026-11-30"}
    subjects = {("seed_dependence", "model"), ("seed_dependence", "world")}
    assert runs[0].verdicts.keys() == subjects


def test_each_part_of_each_run_has_its_number(results):
    parts = stored_parts(stored_runs(results))
    claim = Claim.read("seed_dependence")
    assert len(parts) == 3 * 2 * len(claim.parts)
    first = parts[0]
    assert (first.claim, first.run) == ("seed_dependence", "world seed 0")
    assert first.number == pytest.approx((0.3, 0.2, 0.4))
    assert first.core is claim.parts[0].core


def test_nothing_stored_is_no_run(tmp_path):
    assert stored_runs(tmp_path) == []
    assert stored_parts([]) == []


def test_what_a_whole_run_measured_beyond_its_study_is_found(results):
    assert stored_extra("interpretability", results) == {}
    path = results / "seeds" / "0" / "interpretability-full.json"
    path.write_text('{"score": 0.5}')
    assert stored_extra("interpretability", results) == {"score": 0.5}
    assert len(stored_runs(results)[0].verdicts) == 2
