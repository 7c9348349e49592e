"""What was stored of the real model is read, compared and drawn."""

import json

import pytest

from saecore.report.judging import real_model as module
from saecore.report.judging.claim import Claim, Conclusion
from saecore.report.judging.real_model import (
    REAL,
    drawn_curve,
    drawn_letters,
    drawn_subjects,
    gate_rows,
    letter_rows_by_setting,
    real_model,
    statement_rows,
    training_curve,
)
from saecore.report.judging.study_digest import study_digest

CLAIM = "seed_dependence"
POINT = {"what": "shared", "width": 64, "low": 0.1, "high": 0.3, "null": 0.01}


def twin(profile, value):
    claim = Claim.read(CLAIM)
    dict(claim.constants)
    numbers = dict.fromkeys(claim.needs(), (value, value - 0.1, value + 0.1))
    return claim.judge(profile=profile, world_seed=0, numbers=numbers)


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / REAL / module.DETAILS
    folder.mkdir(parents=True)
    own = {"digest": study_digest(CLAIM), "refusal": "", "seconds": 150, "keys": {}}
    no = own | {"refusal": "it cannot be asked"}
    made = {"date": "2026-11-30", "machine": {"processor": "a processor"}}
    made |= {"claims": {CLAIM: own, "attribute_edit": no}}
    (folder / "made.json").write_text(json.dumps(made))
    points = [
        POINT | {"rows": n, "unique rows": u, "value": v}
        for n, u, v in ((100, 100, 0.1), (400, 200, 0.2), (400, 100, 0.15))
    ]
    (folder / "curves.json").write_text(json.dumps({"points": points}))
    (tmp_path / REAL / f"{CLAIM}.json").write_text(json.dumps(twin(REAL, 0.3)))
    return tmp_path


def test_a_stored_verdict_comes_with_where_it_is_from(results):
    real = real_model(CLAIM, results)
    assert real.twin is not None
    assert real.verdict == real.twin["verdict"]
    assert real.number("shared") == pytest.approx((0.3, 0.2, 0.4))
    assert not real.earlier
    assert "2026-11-30" in real.said()
    assert "earlier" not in real.said()
    assert "2 min on a processor" in real.said()


def test_prose_takes_numbers_under_names_of_the_page(results):
    real = real_model(CLAIM, results)
    glued = real.glued("shared")
    assert glued["real_shared"] == pytest.approx(0.3)
    assert glued["real_verdict"] == real.verdict
    assert glued["real_made"] == real.said()


def test_statements_are_shown_beside_the_pages_own(results, tmp_path, monkeypatch):
    path = tmp_path / "own.json"
    path.write_text(json.dumps(twin("tiny", 0.4)))
    shown = {}
    monkeypatch.setattr(module, "figure", lambda name, fig, **how: shown.update(how))
    real = real_model(CLAIM, results)
    module.show_statements("fig", real, Conclusion("holds", {}, path))
    assert {row["subject"] for row in shown["data"]} == {"tiny", REAL}


def test_a_study_that_changed_since_is_said(results):
    path = results / REAL / module.DETAILS / "made.json"
    path.write_text(path.read_text().replace(study_digest(CLAIM), "0" * 64))
    real = real_model(CLAIM, results)
    assert real.earlier
    assert "of an earlier version of this study" in real.said()


def test_what_cannot_be_asked_has_a_reason_and_no_number(results):
    real = real_model("attribute_edit", results)
    assert (real.verdict, real.refusal) == ("not asked", "it cannot be asked")
    with pytest.raises(KeyError):
        real.number("shared")


def test_what_was_never_run_says_the_command(results):
    with pytest.raises(ValueError, match="saecore results editing"):
        real_model("editing", results)


def test_statements_lie_side_by_side_by_subject(results):
    real = real_model(CLAIM, results)
    assert real.twin is not None
    rows = statement_rows({"tiny": twin("tiny", 0.4), REAL: real.twin})
    statements = {part.name for part in Claim.read(CLAIM).parts}
    assert {row["statement"] for row in rows} == statements
    assert [row["number"] for row in rows[:2]] == pytest.approx([0.4, 0.3])
    fig = drawn_subjects(rows)
    labels = [text.get_text() for text in fig.axes[0].get_xticklabels()]
    assert labels == ["small", "SmolLM2"]


def test_tasks_say_whether_they_are_asked(results):
    gate = {"right": 0.4, "baseline": 0.1, "asked": 100, "asked of it": False}
    path = results / REAL / module.DETAILS / "gates.json"
    path.write_text(json.dumps({"country": gate}))
    (row,) = gate_rows(real_model(CLAIM, results))
    assert (row["task"], row["right"], row["asked"]) == ("country", 0.4, "no")


def test_the_best_latents_of_letters_have_a_row_per_setting(results):
    kept = ("architecture", "frozen", "width", "k", "L0", "F1", "low", "high")
    kept += ("precision", "recall", "clean letters")
    path = results / REAL / module.DETAILS / "first_letter.json"
    settings = [dict.fromkeys([*kept, "FVU"], 1)]
    path.write_text(json.dumps({"settings": settings}))
    (row,) = letter_rows_by_setting(real_model(CLAIM, results))
    assert tuple(row) == kept


def test_letters_are_drawn_by_setting_and_over_training():
    row = {"architecture": "TopK", "width": 8, "k": 2, "frozen": ""}
    row |= {"F1": 0.5, "precision": 0.6, "recall": 0.4}
    points = [POINT | {"rows": n, "unique rows": n, "value": n / 10} for n in (1, 2)]
    fig = drawn_letters([row, row | {"frozen": "decoder", "F1": 0.2}], points)
    left, right = fig.axes
    assert [line.get_ydata().tolist() for line in left.lines[:1]] == [[0.5, 0.2]]
    labels = [text.get_text() for text in left.get_xticklabels()]
    assert labels == ["TopK 8, 2", "TopK 8, 2, decoder frozen"]
    assert list(right.lines[0].get_ydata()) == [0.1, 0.2]


def test_curves_join_points_on_the_whole_text_alone(results):
    rows = training_curve(real_model(CLAIM, results), "shared")
    assert len(rows) == 3
    (ax,) = drawn_curve(rows, "share").axes
    assert list(ax.lines[0].get_ydata()) == [0.1, 0.2]
    assert training_curve(real_model(CLAIM, results), "absorbed") == []
