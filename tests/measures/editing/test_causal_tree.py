"""A tree in a made-up model whose wires are known: two layers, each latent fed by named
latents below.
"""

import math

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing.causal_parents import causal_families
from saecore.measures.editing.causal_tree import best_parents, nodes, tree
from tests.measures.editing.test_causal_contexts import (
    WIDTH,
    Axes,
    Level,
    levels,
    seeded,
    through,
    wires,
)
from tests.measures.editing.test_causal_parents import A1, B, planted, unrelated


@pytest.mark.parametrize("length", [1.0, 3.0])
def test_the_tree_follows_the_wires_down_two_layers_and_the_controls_do_less(length):
    root = tree(levels(length), 1, branches=1, seed=0)
    chain = [(node.level, node.latent) for node in nodes(root)]
    assert chain == [(2, 1), (1, 5), (0, 5)]
    for parent in nodes(root)[1:]:
        assert math.isclose(parent.drop, 1, rel_tol=1e-5)
        assert math.isclose(parent.chosen, 1, rel_tol=1e-5)
        assert parent.as_much == 0
        assert parent.drop > 3 * abs(parent.direction)
        assert max(abs(parent.random), abs(parent.random_largest)) < 1e-6


def test_what_is_not_defined_at_root_and_leaves_is_nan():
    root = tree(levels(), 1, branches=1)
    leaf = nodes(root)[-1]
    judged = ("chosen", "drop", "direction", "as_much", "random", "random_largest")
    assert all(math.isnan(getattr(root, name)) for name in judged)
    assert not any(math.isnan(getattr(leaf, name)) for name in judged)
    assert math.isnan(leaf.activity)
    assert leaf.contexts == 0
    assert not leaf.parents
    assert root.contexts == 20
    assert root.activity > 0


def test_branches_are_the_strongest_parents_in_order_and_each_has_its_own_below():
    root = tree(levels(), 0, branches=3, seed=2)
    assert {node.latent for node in root.parents[:2]} == {1, 3}
    drops = [node.chosen for node in root.parents]
    assert drops == sorted(drops, reverse=True)
    assert abs(drops[2]) < 1e-6
    by_latent = {node.latent: node for node in root.parents}
    assert by_latent[1].parents[0].latent == 5  # above, 1 is half of 5
    assert by_latent[3].parents[0].latent == 3  # 3 copies 3
    assert [node.level for node in nodes(root)] == [2, *[1, 0, 0, 0] * 3]


def test_a_tree_of_depth_one_holds_the_numbers_of_its_family():
    below, here = planted()
    parent = tree([below, here], B, seed=4, draws=3).parents[0]
    family = causal_families(below, here, [B], draws=3, generator=seeded(4))[0]
    assert parent.latent == A1
    names = ("chosen", "drop", "direction", "as_much")
    assert [getattr(parent, name) for name in names] == [
        float(getattr(family, name)[0]) for name in names
    ]
    assert parent.random == float(family.random.mean())
    assert parent.random_largest == float(family.random.max())


def test_the_seed_decides():
    one, same, other = (tree(levels(), 0, seed=seed, contexts=5) for seed in (1, 1, 2))
    assert [node.drop for node in nodes(one)[1:]] == [
        node.drop for node in nodes(same)[1:]
    ]
    assert [node.drop for node in nodes(one)[1:]] != [
        node.drop for node in nodes(other)[1:]
    ]


@pytest.mark.parametrize("texts", [0, 1])
def test_a_root_that_fires_strongly_in_fewer_than_two_texts_has_no_tree(texts):
    silent = levels()
    silent[-1].stream[texts:, :, 4] = 0
    with pytest.raises(ValueError, match=f"does so in {texts}"):
        tree(silent, 4)


def test_a_node_below_with_a_single_strong_text_is_followed_no_further():
    """Latent 5 feeds the root everywhere, but peaks so high in one text that it has no
    other context.
    """
    stack = levels()
    middle = stack[1].stream.clone()
    middle[0, 3, 5] = 100
    stack[1] = stack[1]._replace(stream=middle)
    root = tree(stack, 1, branches=1)
    assert root.parents[0].latent == 5
    assert not root.parents[0].parents
    assert root.parents[0].contexts == 0
    assert math.isnan(root.parents[0].activity)
    assert not math.isnan(root.parents[0].drop)


def test_best_parents_are_those_of_trees_of_depth_one():
    below, here = planted()
    found = best_parents([below, here], [B], seed=4, draws=3)
    parent = tree([below, here], B, seed=4, draws=3, branches=1).parents[0]
    assert found.latent.tolist() == [B]
    assert found.parent.tolist() == [parent.latent]
    for name in ("chosen", "drop", "direction", "random", "random_largest"):
        assert_close(getattr(found, name), torch.tensor([getattr(parent, name)]))
    assert found.contexts.tolist() == [20]


def test_best_parents_use_the_last_two_levels_and_copies_have_themselves():
    stack = levels()
    stack[0] = stack[0]._replace(stream=torch.zeros_like(stack[0].stream))
    found = best_parents(stack, [2, 3, 4])
    assert found.parent.tolist() == [2, 3, 4]
    assert_close(found.drop, torch.ones(3))
    assert_close(found.random, torch.zeros(3), atol=1e-6, rtol=0)


def test_over_many_roots_the_choice_flatters_and_the_judgement_does_not():
    found = [
        best_parents(unrelated(seed), range(WIDTH), seed=seed) for seed in range(10)
    ]
    chosen, drop = (
        torch.cat([getattr(one, name) for one in found]) for name in ("chosen", "drop")
    )
    assert chosen.mean() > drop.mean() + 3 * (chosen - drop).std() / (10 * WIDTH) ** 0.5


def test_a_latent_with_too_few_contexts_has_nan_in_its_place():
    below, here = planted()
    here.stream[1:, :, 4] = 0
    found = best_parents([below, here], [4, B])
    assert found.parent.tolist() == [-1, A1]
    assert found.contexts.tolist() == [0, 20]
    for name in ("chosen", "drop", "direction", "random", "random_largest"):
        assert getattr(found, name).isnan().tolist() == [True, False]


def test_parents_need_a_level_below_and_a_latent():
    with pytest.raises(ValueError, match="two levels"):
        best_parents(levels()[2:], [0])
    with pytest.raises(ValueError, match="at least one latent"):
        best_parents(levels(), [])


def test_a_latent_that_is_the_only_one_below_has_no_controls_but_a_random_direction():
    low = torch.zeros(50, 4, WIDTH)
    low[:, 1:, 5] = 1
    stack = [Level(Axes(1.0), low, through(wires)), Level(Axes(1.0), wires(low), None)]
    parent = tree(stack, 1, branches=2).parents
    assert [node.latent for node in parent] == [5]
    assert math.isclose(parent[0].drop, 1)
    assert not math.isnan(parent[0].direction)
    assert all(
        math.isnan(x)
        for x in (parent[0].as_much, parent[0].random, parent[0].random_largest)
    )
