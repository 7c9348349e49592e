"""What became of a run, where it is planted."""

import pytest

from saecore.claims.absorption_toys.grid import TOY_PENALTY, toy_grid
from saecore.claims.absorption_toys.runs import count_ends, runs
from saecore.measures.absorption import closed_form
from saecore.source.worlds.toys import HIERARCHY, patterns


def test_the_gap_and_the_end_of_a_run_are_those_that_were_planted(by_delta):
    zoo = by_delta(lambda recipe: {0: 0.0, 1: 0.5}.get(recipe.seed, 1.0))
    group = runs(zoo, {"one": toy_grid().experiments["hierarchy"]})["one"]
    assert [run.gap() for run in group[:3]] == [0, 0, 1]
    assert count_ends(group) == {
        "solved": 1,
        "partly absorbed": 1,
        "absorbed": 38,
        "hedged": 0,
        "stuck": 0,
    }


def test_the_objective_is_that_of_the_closed_form(by_delta):
    group = toy_grid().experiments["hierarchy"][:1]
    run = runs(by_delta(lambda recipe: 0.5), {"one": group})["one"][0]
    active, probability = patterns(HIERARCHY)
    others = float(probability @ active[:, 2:].double().sum(1))
    rates = {"p11": HIERARCHY.p11, "p10": HIERARCHY.p10}
    expected = float(closed_form.weighted_l1(0.5, **rates)) + others
    assert run.objective() == pytest.approx(TOY_PENALTY * expected, rel=1e-5)
