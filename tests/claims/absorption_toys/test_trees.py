"""Matryoshka beside L1 on a tree whose dictionaries are written down."""

import pytest

from saecore.claims.absorption_toys import trees
from saecore.claims.absorption_toys.grid import SEEDS, TREE, toy_grid
from saecore.source.worlds import toys

from .conftest import written_tree


def test_a_planted_tree_is_absorbed_with_l1_and_found_with_matryoshka(ideal, subject):
    found = trees.trees(ideal, subject, level=0.95)
    plain, nested = found.rows()
    assert (plain["objective"], nested["objective"]) == ("L1", "Matryoshka")
    assert (plain["gap"], nested["gap"]) == (1, 0)
    assert (plain["children"], nested["children"]) == (0, 1)  # at cosine 0.71: none
    assert plain["parents"] == nested["parents"] == 1
    assert plain["error"] == pytest.approx(nested["error"], abs=1e-6)
    exact = 0.025 ** (1 / SEEDS)
    assert found.lowered() == pytest.approx((1, 2 * exact - 1, 1))


def test_hedging_is_children_in_the_latents_of_their_parents(by_delta, subject):
    recipe = toy_grid().trees["L1"][0]
    truth = toys.directions(TREE, seed=recipe.seed)
    hedged = written_tree(TREE, truth, 0.0)
    for parent in range(TREE.parents):
        for child in TREE.children_of(parent):
            hedged.W_dec[parent] += 0.25 * truth[child]
    of_each = 0.25 / (1 + 3 * 0.25**2) ** 0.5
    found = trees.measure_tree(recipe, hedged)
    assert found["children in parents"] == pytest.approx(of_each, rel=1e-5)
    assert found["gap"] == 0
    assert found["error"] > 0.01


def test_a_change_is_taken_seed_by_seed(ideal, subject):
    found = trees.trees(ideal, subject, level=0.95)
    assert found.change("children") == (1, 1, 1)
