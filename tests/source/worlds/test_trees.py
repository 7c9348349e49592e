"""A tree of features: all its rows, with their probabilities."""

import pytest
import torch

from saecore.source.worlds import toys
from saecore.source.worlds.trees import Tree


def test_the_table_holds_every_row_once_with_the_rates_that_the_recipe_states():
    tree = Tree()
    active, probability = toys.patterns(tree)
    assert len(active) == len(active.unique(dim=0)) == 125
    assert float(probability.sum()) == pytest.approx(1)
    rates = probability @ active.double()
    torch.testing.assert_close(rates[:3], torch.full((3,), 0.15).double())
    torch.testing.assert_close(rates[3:], torch.full((9,), 0.03).double())


def test_children_exclude_each_other_and_imply_their_parent():
    tree = Tree(parents=2, children=4, child_probability=0.25)
    active, probability = toys.patterns(tree)
    possible = active[probability > 0] > 0
    for parent in range(tree.parents):
        childs = possible[:, list(tree.children_of(parent))]
        assert int(childs.sum(1).max()) == 1
        assert bool((~childs.any(1) | possible[:, parent]).all())
    assert int(possible.any(0).sum()) == tree.n_features


def test_parents_are_independent_of_each_other():
    active, probability = toys.patterns(Tree())
    both = float(probability @ (active[:, 0] * active[:, 1]).double())
    assert both == pytest.approx(0.15**2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"child_probability": 0.5},
        {"parent_probability": 0.0},
        {"parents": 5},
        {"children": 0},
        {"d_model": 8},
    ],
)
def test_a_tree_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"asked for|take fewer"):
        Tree(**wrong)
