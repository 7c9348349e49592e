"""Which toys are asked for."""

from saecore.claims.absorption_toys.grid import (
    ALONE,
    GIVEN,
    JUDGED_SEEDS,
    PAPER_TRAINING,
    PENALTIES,
    SEEDS,
    co_occurring,
    hierarchy,
    toy_grid,
)


def test_each_setting_has_its_seeds_and_each_recipe_is_asked_for_once():
    grid = toy_grid()
    judged = ("independent", "hierarchy")
    for settings in (grid.fixes, grid.controls, grid.graded, grid.trees):
        assert {len(group) for group in settings.values()} == {SEEDS}
    for name, group in grid.experiments.items():
        assert len(group) == (JUDGED_SEEDS if name in judged else SEEDS)
    assert set(grid.alone) == {(a, p) for a in ALONE for p in PENALTIES}
    assert set(grid.given) == {(g, p) for g in GIVEN for p in PENALTIES}
    recipes = grid.recipes()
    assert len(recipes) == len(set(recipes))


def test_the_papers_training_sees_its_hundred_million_rows():
    seen = PAPER_TRAINING["batch"] * PAPER_TRAINING["steps"]
    assert 1e8 <= seen < 1.003e8


def test_gaps_that_are_compared_have_the_same_seeds():
    made = toy_grid(world_seed=3).experiments
    for one, other in (
        ("hierarchy", "independent"),
        ("BatchTopK", "BatchTopK, independent"),
    ):
        assert [x.seed for x in made[one]] == [x.seed for x in made[other]]


def test_another_world_seed_asks_for_other_seeds():
    first, other = (set(toy_grid(world_seed=seed).recipes()) for seed in (0, 1))
    assert not first & other


def test_a_child_fires_alone_as_often_as_it_is_asked():
    toy = co_occurring(0.1)
    assert abs(toy.p01 - 0.1 * toy.probability[1]) < 1e-12
    assert hierarchy(0.4).p01 == 0
    assert abs(hierarchy(0.4).p11 - 0.4 * 0.25) < 1e-12
