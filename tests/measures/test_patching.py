import math

import pytest
import torch
from torch.testing import assert_close

from saecore.measures import patching


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(4)
    base = torch.rand(5, 3, 6, generator=generator, dtype=torch.float64)
    target = base.clone()
    target[:, 1, 2] += 1.0  # what carries the answer
    target[:, 1, 4] += 0.2  # what carries a little of it
    target[:, 2, 0] += 1.0  # what differs but does not matter
    return patching.exchange(torch.relu, torch.eye(6, dtype=torch.float64), base, target), target


def distance(pair, target):
    """A stand-in for a model that reads coordinates 2 and 4 alone."""
    weight = torch.tensor([0.0, 0, 1, 0, 1, 0], dtype=torch.float64)

    def divergence(chosen):
        return float(((pair.patched(chosen) - target) * weight).square().sum((1, 2)).mean())

    return divergence


def mask(*latents):
    chosen = torch.zeros(6, dtype=torch.bool)
    chosen[list(latents)] = True
    return chosen


def test_patching_all_latents_of_a_complete_dictionary_gives_the_target(pair):
    exchange, target = pair
    assert_close(exchange.patched(mask(*range(6))), target)
    assert_close(exchange.patched(mask()), exchange.base)


def test_only_latents_that_differ_are_tried(pair):
    assert pair[0].differing().tolist() == [True, False, True, False, True, False]


def test_the_size_is_that_of_the_set_itself(pair):
    assert pair[0].size(mask(2)) == pytest.approx(1 / 3)
    assert pair[0].size(mask(0, 2)) == pytest.approx(2 / 3)
    assert pair[0].size(mask(2, 4)) == pytest.approx(math.hypot(1, 0.2) / 3)


def test_pruning_drops_what_does_not_matter_first_and_the_carrier_last(pair):
    exchange, target = pair
    curve = patching.pruned(
        exchange, distance(exchange, target), thresholds=[1e-3, 0.1, 2.0], generator=torch.Generator()
    )
    assert curve.latents.tolist() == [3, 2, 1, 0]
    assert_close(curve.divergence, torch.tensor([0, 0, 0.04, 1.04]))


def test_pruning_ends_with_nothing_even_if_no_threshold_drops_all(pair):
    exchange, target = pair
    curve = patching.pruned(
        exchange, distance(exchange, target), thresholds=[1e-3], generator=torch.Generator()
    )
    assert curve.latents.tolist() == [3, 2, 0]


def test_the_first_order_gain_is_the_derivative_of_the_divergence(pair):
    exchange, target = pair
    weight = torch.tensor([0.0, 0, 1, 0, 1, 0], dtype=torch.float64)
    base = exchange.base.clone().requires_grad_()
    ((base - target) * weight).square().sum((1, 2)).mean().backward()
    gain = patching.first_order_gain(exchange, base.grad)
    step = 1e-6
    for latent in range(6):
        moved = exchange.base + step * exchange.change[..., [latent]] @ exchange.directions[[latent]]
        after = float(((moved - target) * weight).square().sum((1, 2)).mean())
        before = float(((exchange.base - target) * weight).square().sum((1, 2)).mean())
        assert gain[latent].item() == pytest.approx((before - after) / step, abs=1e-4)


def test_the_ranked_curve_takes_the_largest_gain_first(pair):
    exchange, target = pair
    gain = torch.tensor([0.1, 9.0, 2.0, 9.0, 1.0, 9.0])  # latents that do not differ are never taken
    curve = patching.ranked(exchange, distance(exchange, target), gain, counts=[1, 2, 50])
    assert curve.latents.tolist() == [0, 1, 2, 3]
    assert_close(curve.divergence, torch.tensor([1.04, 0.04, 0, 0]))


def test_half_of_the_gap_needs_the_carrier_alone(pair):
    exchange, target = pair
    curve = patching.ranked(exchange, distance(exchange, target), torch.ones(6).double(), counts=range(4))
    carrier = patching.ranked(
        exchange, distance(exchange, target), torch.tensor([0.0, 0, 2, 0, 1, 0]), counts=range(4)
    )
    assert patching.needed(carrier, start=1.04) == (1, pytest.approx(1 / 3))
    assert patching.needed(curve, start=1.04).latents >= 1


def test_a_dictionary_that_never_gets_there_needs_infinitely_many():
    curve = patching.Curve(torch.tensor([0, 1]), torch.tensor([1.0, 0.9]), torch.tensor([0.0, 0.1]))
    assert patching.needed(curve, start=1.0).latents == math.inf


def test_prompts_of_different_length_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        patching.exchange(torch.relu, torch.eye(2), torch.zeros(2, 3, 2), torch.zeros(2, 4, 2))
