"""Pictures of whole runs show every stored verdict once."""

import pytest

from saecore.report import subplots
from saecore.report.judging import run_figures
from saecore.report.judging.card import SIGNS
from saecore.report.judging.claim import Claim
from saecore.report.judging.stored_runs import StoredPart, StoredRun

CLAIM = Claim.names()[0]


def part(name, run, verdict, number=(0.3, 0.2, 0.4), core=True):
    named = (CLAIM, "model", name, f"it {name}", core)
    return StoredPart(*named, run, verdict, number, None)


PARTS = [
    part("rises", "world seed 0", "holds"),
    part("rises", "world seed 7", "does not hold"),
    part("stays", "world seed 0", "holds", core=False),
    part("stays", "world seed 7", "holds", core=False),
]
TWINS = {(CLAIM, "model"): {"verdict": "holds"}}
RUNS = [
    StoredRun("world seed 0", False, {}, TWINS),
    StoredRun("world seed 7", False, {}, {}),
]


def test_a_claim_has_a_column_per_run_and_a_gap_where_it_was_not_run():
    (row,) = run_figures.claim_rows(RUNS)
    assert row["world seed 0"] == "holds"
    assert row["world seed 7"] is None
    assert row["subject"] == "language model"


def test_a_part_has_a_row_per_run_and_those_that_moved_are_found():
    assert [row["verdict"] for row in run_figures.part_rows(PARTS)] == [
        one.verdict for one in PARTS
    ]
    assert run_figures.part_rows(PARTS)[0]["number low"] == 0.2
    assert {one.part for one in run_figures.parts_that_turned(PARTS)} == {"rises"}


def test_every_verdict_is_drawn_with_its_sign_and_core_parts_are_bold():
    fig, ax = subplots()
    run_figures.draw_verdicts(ax, PARTS, RUNS)
    signs = [text.get_text() for text in ax.texts]
    assert sorted(signs) == sorted(SIGNS[one.verdict] for one in PARTS)
    weights = [label.get_fontweight() for label in ax.get_yticklabels()]
    assert weights == ["bold", "normal"]
    fig.clear()


@pytest.mark.parametrize("count", [0, 1, 5])
def test_there_is_a_panel_for_each_part_and_no_other(count):
    parts = [part(f"p{i}", "world seed 0", "holds") for i in range(count)]
    fig, axes = subplots(*run_figures.panel_shape(parts), squeeze=False)
    run_figures.draw_numbers(axes, parts)
    assert sum(ax.axison for ax in axes.flat) == count
    fig.clear()


def test_how_far_runs_agree_is_counted_where_several_were_judged():
    one = StoredRun("world seed 0", False, {}, dict(TWINS))
    world = {(CLAIM, "world"): {"verdict": "holds"}}
    two = StoredRun("world seed 7", False, {}, TWINS | world)
    found = run_figures.runs_agree([one, two], PARTS)
    assert (found.claims, found.same, found.turned) == (1, 1, "none")
    assert (found.parts, found.same_parts) == (2, 1)
    assert found.opposed == f"{CLAIM.replace('_', ' ')}: rises"
    other = {key: {"verdict": "holds in part"} for key in (*TWINS, (CLAIM, "world"))}
    three = StoredRun("world seed 844", True, {}, other)
    found = run_figures.runs_agree([one, two, three], PARTS[:1])
    name = CLAIM.replace("_", " ")
    assert (found.claims, found.same) == (2, 0)
    assert found.turned == f"{name}, {name} (world)"
    assert (found.parts, found.opposed) == (0, "none")
