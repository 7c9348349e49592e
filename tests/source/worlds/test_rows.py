"""Worlds: what `truth` says is what the rows do, and rows depend on the recipe
alone.
"""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch.testing import assert_close

from saecore.errors import MissingLibrary
from saecore.source.worlds.rows import (
    ROWS_PER_SEED,
    World,
    truth,
    world_latents,
    world_rows,
)

N = 60_000
WORLD = World()


@pytest.fixture(scope="module")
def features():
    return truth(WORLD)


@pytest.fixture(scope="module")
def activations():
    return world_latents(WORLD, N).to_dense()


# The rows do what the truth says


def test_every_feature_fires_as_often_as_the_truth_says(features, activations):
    rate, wanted = (activations > 0).float().mean(0), features.probability
    z = (rate - wanted) / (wanted * (1 - wanted) / N).sqrt()
    assert z.abs().max() < 4.5
    assert 0.85 < z.square().mean().sqrt() < 1.15


def test_children_fire_only_with_their_parent_and_never_two_of_a_family(
    features, activations
):
    fired = activations > 0
    for parent in features.of_kind("parent").tolist():
        children = fired[:, features.parent == parent]
        assert not children[~fired[:, parent]].any()
        assert children.sum(1).max() == 1
        assert (
            children.any(1).sum() < fired[:, parent].sum()
        )  # a parent is also seen without a child


def test_at_most_one_entity_fires_and_all_of_its_attributes_do(features, activations):
    fired = activations > 0
    assert fired[:, features.entity].sum(1).max() == 1
    row, entity = fired[:, features.entity].nonzero(as_tuple=True)
    assert len(row) > 0.2 * N
    for r, e in zip(row[:2000].tolist(), entity[:2000].tolist(), strict=True):
        assert all(fired[r, attribute] for attribute in features.attributes[e].tolist())


def test_attributes_without_their_entity_fire_at_the_rate_of_the_recipe(
    features, activations
):
    fired = activations > 0
    for attribute in features.of_kind("attribute").tolist():
        owners = features.entity[(features.attributes == attribute).any(1)]
        without = ~fired[:, owners].any(1)
        assert (
            abs(fired[without, attribute].float().mean() - WORLD.attribute_probability)
            < 0.0025
        )


@pytest.mark.parametrize(
    "kind", ["parent", "child", "attribute", "entity", "background"]
)
def test_magnitudes_have_the_mean_and_deviation_of_the_recipe(
    features, activations, kind
):
    values = activations[:, features.of_kind(kind)]
    values = values[values > 0]
    assert abs(values.mean() - 1) < 5 * 0.15 / len(values) ** 0.5
    assert_close(values.std(), torch.tensor(0.15), rtol=0.05, atol=0)


def test_an_attribute_varies_independently_of_its_entity(features, activations):
    row, entity = (activations[:, features.entity] > 0).nonzero(as_tuple=True)
    own = activations[row, features.entity[entity]]
    attribute = activations[row, features.attributes[entity, 0]]
    assert (
        abs(torch.corrcoef(torch.stack([own, attribute]))[0, 1]) < 5 / len(row) ** 0.5
    )


def both_above(p, q, correlation):
    """P(both fire) of two thresholded Gaussians with a shared factor z, integrated over
    z on a grid.
    """
    z = torch.linspace(-8, 8, 4001, dtype=torch.float64)
    of_z = torch.exp(-z.square() / 2) / (2 * torch.pi) ** 0.5
    given = [
        torch.special.ndtr(
            (torch.special.ndtri(x) + correlation**0.5 * z) / (1 - correlation) ** 0.5
        )
        for x in (p.double(), q.double())
    ]
    return torch.trapezoid(of_z * given[0] * given[1], z).item()


def test_background_features_fire_together_within_a_topic_and_independently_across(
    features, activations
):
    fired, p, topic = activations > 0, features.probability, features.topic.tolist()
    first, other = topic.index(0), topic.index(1)
    same = topic.index(0, first + 1)
    for partner, correlation in ((same, WORLD.topic_correlation), (other, 0.0)):
        rate = (fired[:, first] & fired[:, partner]).float().mean().item()
        wanted = both_above(p[first], p[partner], correlation)
        assert abs(rate - wanted) < 5 * (wanted / N) ** 0.5
    assert [topic.count(t) for t in range(-1, 6)] == [256, 5, 5, 5, 5, 5, 5]


def test_rows_are_activations_times_directions_plus_white_noise(features):
    n = 20_000
    residual = world_rows(WORLD, n) - world_latents(WORLD, n) @ features.directions
    assert_close(residual.std(), torch.tensor(WORLD.noise), rtol=0.01, atol=0)
    covariance = torch.cov(residual.T) / WORLD.noise**2
    assert_close(covariance, torch.eye(64), rtol=0, atol=0.06)


def test_a_world_without_noise_is_its_activations_times_its_directions():
    world = replace(WORLD, noise=0.0)
    rows = world_latents(world, 500) @ truth(world).directions
    assert_close(world_rows(world, 500), rows)


@pytest.mark.parametrize(
    "sizes",
    [
        {"entities": 0, "groups": (), "background": 0},
        {"parents": 0, "entities": 0},
        {
            "parents": 1,
            "children": 1,
            "entities": 0,
            "groups": (),
            "background": 2,
            "topics": 0,
        },
        {"parents": 0, "entities": 1, "groups": (("colour", 1),), "background": 0},
        {"children": 0},
    ],
)
def test_worlds_with_few_kinds_of_features_fire_as_the_truth_says(sizes):
    world = World(**sizes)
    wanted = truth(world).probability
    rate = (world_latents(world, 2 * ROWS_PER_SEED).to_dense() > 0).float().mean(0)
    assert ((rate - wanted).abs() < 5 * (wanted / (2 * ROWS_PER_SEED)).sqrt()).all()


# Rows depend on the recipe alone


def test_the_same_recipe_gives_the_same_rows_whatever_the_global_seed():
    torch.manual_seed(1)
    one = world_rows(WORLD, 100)
    torch.manual_seed(2)
    assert torch.equal(one, world_rows(World(), 100))


ALONE = """
import random, sys
import numpy as np, torch
from saecore.source.worlds.rows import World, truth, world_latents, world_rows

def state():
    return torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()

before = state()
truth(World())
print("sae_lens" in sys.modules)
world_rows(World(), 10), world_latents(World(), 10)
print(state() == before, torch.is_grad_enabled())
"""


def test_truth_does_not_import_sae_lens_and_rows_move_no_global_generator():
    # in a process of its own: the type checks of the test run draw from Python's
    # generator
    answer = subprocess.run(
        [sys.executable, "-c", ALONE], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["False", "True", "True"]


def test_samples_differ_and_share_their_directions():
    first, second = world_rows(WORLD, 5000), world_rows(WORLD, 5000, sample=1)
    assert abs(torch.corrcoef(torch.stack([first[:, 0], second[:, 0]]))[0, 1]) < 0.1
    residual = second - world_latents(WORLD, 5000, sample=1) @ truth(WORLD).directions
    assert_close(residual.std(), torch.tensor(WORLD.noise), rtol=0.02, atol=0)


def test_blocks_of_one_sample_differ():
    rows = world_rows(WORLD, 2 * ROWS_PER_SEED)
    assert not torch.isclose(rows[:ROWS_PER_SEED], rows[ROWS_PER_SEED:]).any(1).all()
    assert (
        world_rows(WORLD, ROWS_PER_SEED, start=ROWS_PER_SEED) == rows[ROWS_PER_SEED:]
    ).all()


def test_rows_do_not_depend_on_how_they_are_asked_for():
    n = 2 * ROWS_PER_SEED + 300
    rows, active = world_rows(WORLD, n), world_latents(WORLD, n)
    cuts = [0, 7, ROWS_PER_SEED - 1, ROWS_PER_SEED + 1, n]
    pieces = [(high - low, low) for low, high in pairwise(cuts)]
    assert torch.equal(
        rows, torch.cat([world_rows(WORLD, size, start=low) for size, low in pieces])
    )
    assert torch.equal(rows[:50], world_rows(WORLD, 50))
    parts = torch.cat(
        [world_latents(WORLD, size, start=low) for size, low in pieces]
    ).coalesce()
    assert torch.equal(active.indices(), parts.indices())
    assert torch.equal(active.values(), parts.values())


def test_latents_are_a_valid_coalesced_sparse_tensor():
    active = world_latents(WORLD, 1000)
    checked = torch.sparse_coo_tensor(
        active.indices(),
        active.values(),
        active.shape,
        is_coalesced=True,
        check_invariants=True,
    )
    assert_close(checked.coalesce().to_dense(), active.to_dense())
    assert active.values().min() > 0


@pytest.mark.parametrize("draw", [world_rows, world_latents])
@pytest.mark.parametrize(
    "request_", [{"n": 0}, {"n": 5, "sample": -1}, {"n": 5, "start": -1}]
)
def test_a_request_for_rows_that_cannot_be_is_refused(draw, request_):
    with pytest.raises(ValueError, match="must be"):
        draw(WORLD, **request_)


def test_without_sae_lens_a_world_says_which_extra_draws_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sae_lens", None)
    monkeypatch.setitem(sys.modules, "sae_lens.synthetic", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'saecore\[worlds\]'"):
        world_rows(World(), 1)
    assert len(truth(World()).directions)  # what is true is known without it
