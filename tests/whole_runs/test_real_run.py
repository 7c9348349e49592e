"""Claims judged on a model are stored with what they rest on; refusals too."""

import json
import math
from types import SimpleNamespace

import pytest

from saecore import profiles
from saecore.claims.convergence.grid import convergence_grid
from saecore.errors import Unsuited
from saecore.measures.seeds.many_seeds import pairwise
from saecore.report import Claim
from saecore.report.judging.real_model import REAL, real_model, training_curve
from saecore.report.judging.study_digest import study_digest
from saecore.source.model.language_model import identify
from saecore.whole_runs import real_run
from saecore.zoo.store import Zoo

PROFILE = profiles.read("tiny")


def study_of(name):
    claim = Claim.read(name)
    dict(claim.constants)
    numbers = dict.fromkeys(claim.needs(), (0.3, 0.2, 0.4))
    return SimpleNamespace(claim=claim, numbers={"model": numbers, "world": {}})


@pytest.fixture
def studies(monkeypatch, tmp_path):
    def imported(home):
        name = home.rsplit(".", 1)[1]

        def study(zoo, profile):
            if name == "editing":
                raise Unsuited("it cannot do the task")
            return study_of(name)

        return SimpleNamespace(study=study)

    monkeypatch.setattr(real_run, "import_module", imported)
    monkeypatch.setattr(
        real_run.sites, "open_zoo", lambda profile: Zoo(tmp_path / "zoo")
    )
    monkeypatch.setattr(real_run, "_wanted", lambda name, zoo, profile: ())


def test_verdicts_and_refusals_are_stored(tmp_path, studies):
    said = []
    asked = ["erasure", "editing"]
    target = real_run.run_real(tmp_path, PROFILE, asked, say=said.append)
    stored = json.loads((target / "erasure.json").read_text())
    assert stored["profile"] == "tiny"
    assert stored["claim"] == "erasure"
    assert not (target / "editing.json").exists()
    made = json.loads((target / "details" / "made.json").read_text())
    assert made["claims"]["editing"]["refusal"] == "it cannot do the task"
    assert made["claims"]["erasure"]["digest"] == study_digest("erasure")
    assert {"date", "machine", "version"} <= made.keys()
    assert "cannot do" in said[1]


def test_another_claim_leaves_what_is_stored(tmp_path, studies):
    real_run.run_real(tmp_path, PROFILE, ["erasure"], say=lambda text: None)
    target = real_run.run_real(tmp_path, PROFILE, ["editing"], say=lambda text: None)
    made = json.loads((target / "details" / "made.json").read_text())
    assert made["claims"].keys() == {"erasure", "editing"}
    assert (target / "erasure.json").is_file()


def test_curves_and_gates_are_stored_without_nan(tmp_path, monkeypatch):
    from saecore.claims.convergence.curves import CurvePoint
    from saecore.source.untaught.gates import Gate

    gate = Gate(math.nan, 0.5, 0.1, 3, 0, 8)
    point = CurvePoint("shared", 8, 100, 50, None, math.nan, 0.2, 0.0)
    zoo = Zoo(tmp_path / "zoo")
    monkeypatch.setattr(real_run.sites, "open_zoo", lambda profile: zoo)
    monkeypatch.setattr(real_run, "open_model", lambda folder: None)
    monkeypatch.setattr(real_run, "measured_gates", lambda *_: {"letter": gate})
    monkeypatch.setattr(real_run, "curve_points", lambda *_: iter([[point]]))
    folder = real_run.run_curves(tmp_path, PROFILE, say=lambda text: None)
    assert json.loads((folder / "gates.json").read_text())["letter"]["right"] is None
    assert not json.loads((folder / "gates.json").read_text())["letter"]["asked of it"]
    (row,) = json.loads((folder / "curves.json").read_text())["points"]
    assert (row["null"], row["fvu"]) == (None, 0.2)


def test_claims_of_the_world_alone_are_not_run_on_a_model():
    known = real_run.stored_claims()
    assert "seed_dependence" in known
    assert "absorption_toys" not in known


def test_what_is_committed_was_made_by_the_studies_as_they_are():
    """A study that has changed since is run again on the real model; until then its
    page says that an earlier version made its numbers.
    """
    made = real_model("seed_dependence").made
    changed = [
        name
        for name, own in made["claims"].items()
        if own["digest"] != study_digest(name)
    ]
    assert not changed, f"run `saecore results {' '.join(changed)} --profile {REAL}`"


@pytest.mark.slow
def test_a_point_of_the_committed_curve_is_found_again(tmp_path):
    profile = profiles.read(REAL)
    if not (profile.folder / "config.json").is_file():
        pytest.skip("SmolLM2 was not fetched: `saecore gates --profile smollm2`")
    (rows, width) = (min(profile.curve), min(profile.widths))
    stored = next(
        point
        for point in training_curve(real_model("seed_dependence"), "shared")
        if (point["rows"], point["width"]) == (rows, width)
    )
    zoo = Zoo(tmp_path / "zoo", places={identify(profile.folder): profile.folder})
    recipes = convergence_grid(profile, Claim.read("non_atomicity")).shares
    saes = zoo.get_all(recipes[width][rows])
    share = pairwise(list(saes.values()), threshold=0.7).share(level=0.95)
    assert share.estimate == pytest.approx(stored["value"], abs=0.02)
