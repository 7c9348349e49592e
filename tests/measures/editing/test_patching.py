import math

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing import patching


class Basis:
    """Directions behind a ReLU."""

    def __init__(self, rows, mean):
        self.W_dec, self.mean = rows, mean

    def encode(self, x):
        return ((x - self.mean) @ self.W_dec.T).relu()

    def decode(self, latents):
        return latents @ self.W_dec + self.mean


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(4)
    base = torch.rand(5, 3, 6, generator=generator, dtype=torch.float64)
    target = base.clone()
    target[:, 1, 2] += 1.0  # what carries the answer
    target[:, 1, 4] += 0.2  # what carries a little of it
    target[:, 2, 0] += 1.0  # what differs but does not matter
    return patching.exchange(
        torch.relu, torch.eye(6, dtype=torch.float64), base, target
    ), target


def distances(target):
    """A stand-in for a model that reads coordinates 2 and 4 alone, prompt by prompt."""
    weight = torch.tensor([0.0, 0, 1, 0, 1, 0], dtype=torch.float64)

    def of(stream, prompts):
        return ((stream - target[prompts]) * weight).square().sum((1, 2))

    return of


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


def test_a_latent_touches_the_prompts_in_which_it_differs(pair):
    exchange, _ = pair
    one = exchange._replace(change=exchange.change.clone())
    one.change[:3, :, 2] = 0
    assert one.touched()[:, 2].tolist() == [False, False, False, True, True]
    assert one.touched()[:, 0].all()
    assert not one.touched()[:, 1].any()


def test_activations_at_hand_give_the_same_exchange(pair):
    exchange, target = pair
    same = patching.exchange_of(
        exchange.base, exchange.base.relu(), target.relu(), exchange.directions
    )
    assert_close(tuple(same), tuple(exchange))


def test_activations_that_are_no_function_of_the_stream_can_be_exchanged(pair):
    base, directions = (
        pair[0].base,
        torch.tensor([[0.0, 0, 3, 0, 0, 0]], dtype=torch.float64),
    )
    codes = torch.zeros(5, 3, 1).double()
    both = patching.exchange_of(base, codes, codes + 2, directions)
    assert_close(
        both.patched(torch.tensor([True])) - base, directions.expand(5, 3, 6) * 2
    )


def test_a_basis_with_both_signs_as_plain_coordinates_has_one_direction_for_two_latents(
    pair,
):
    exchange, target = pair
    axes = torch.linalg.qr(
        torch.randn(6, 6, generator=torch.Generator().manual_seed(0)).double()
    )[0]
    mean = torch.full((6,), 0.3).double()
    rows = torch.cat([axes, -axes])
    encode, directions = patching.signed(Basis(rows, mean))
    x = torch.randn(7, 6, generator=torch.Generator().manual_seed(1)).double()
    assert_close(encode(x), (x - mean) @ axes.T)
    plain = patching.exchange(encode, directions, exchange.base, target)
    assert int(plain.differing().sum()) == 6
    assert_close(plain.patched(mask(*range(6))), target)


@pytest.mark.parametrize("width", [5, 6])
def test_a_basis_that_is_no_pair_of_signs_is_refused(width):
    with pytest.raises(ValueError, match="negatives"):
        patching.signed(Basis(torch.eye(width), torch.zeros(width)))


def test_the_size_is_that_of_the_set_itself(pair):
    assert pair[0].size(mask(2)) == pytest.approx(1 / 3)
    assert pair[0].size(mask(0, 2)) == pytest.approx(2 / 3)
    assert pair[0].size(mask(2, 4)) == pytest.approx(math.hypot(1, 0.2) / 3)


def test_the_first_order_gain_is_the_derivative_of_the_divergence(pair):
    exchange, target = pair
    weight = torch.tensor([0.0, 0, 1, 0, 1, 0], dtype=torch.float64)
    base = exchange.base.clone().requires_grad_()
    ((base - target) * weight).square().sum((1, 2)).mean().backward()
    gain = patching.first_order_gain(exchange, base.grad)
    step = 1e-6
    for latent in range(6):
        moved = (
            exchange.base
            + step * exchange.change[..., [latent]] @ exchange.directions[[latent]]
        )
        after = float(((moved - target) * weight).square().sum((1, 2)).mean())
        before = float(((exchange.base - target) * weight).square().sum((1, 2)).mean())
        assert gain[latent].item() == pytest.approx((before - after) / step, abs=1e-4)


def test_the_ranked_curve_takes_the_largest_gain_first(pair):
    exchange, target = pair
    gain = torch.tensor(
        [0.1, 9.0, 2.0, 9.0, 1.0, 9.0]
    )  # latents that do not differ are never taken
    curve = patching.by_gain(exchange, distances(target), gain, counts=[1, 2, 50])
    assert curve.latents.tolist() == [0, 1, 2, 3]
    assert_close(curve.divergence, torch.tensor([1.04, 0.04, 0, 0]))


def test_by_gradient_ranks_by_the_first_order_gain(pair):
    exchange, target = pair
    gradient = torch.zeros_like(exchange.base)
    gradient[
        ..., 4
    ] = -2.0  # the small carrier is thought to matter most, then the large one
    gradient[..., 2] = -0.1
    curve = patching.by_gradient(exchange, distances(target), gradient, [1, 2])
    assert curve.latents.tolist() == [0, 1, 2]
    assert_close(curve.divergence, torch.tensor([1.04, 1.0, 0]))
    gain = patching.first_order_gain(exchange, gradient)
    assert_close(
        tuple(curve), tuple(patching.by_gain(exchange, distances(target), gain, [1, 2]))
    )


def test_half_of_the_gap_needs_the_carrier_alone(pair):
    exchange, target = pair
    curve = patching.by_gain(
        exchange, distances(target), torch.ones(6).double(), counts=range(4)
    )
    carrier = patching.by_gain(
        exchange, distances(target), torch.tensor([0.0, 0, 2, 0, 1, 0]), counts=range(4)
    )
    assert patching.needed(carrier, start=1.04, share=0.5) == (1, pytest.approx(1 / 3))
    assert patching.needed(curve, start=1.04, share=0.5).latents >= 1


def test_a_dictionary_that_never_gets_there_needs_infinitely_many():
    curve = patching.PatchingCurve(
        torch.tensor([0, 1]), torch.tensor([1.0, 0.9]), torch.tensor([0.0, 0.1])
    )
    assert patching.needed(curve, start=1.0, share=0.5).latents == math.inf


def test_the_smallest_set_and_the_shortest_edit_may_be_two_sets_and_nothing_is_read_off_between():
    curve = patching.PatchingCurve(
        torch.tensor([9, 5, 2, 0]),
        torch.tensor([0.2, 0.4, 0.9, 1.0]),
        torch.tensor([0.3, 0.7, 0.1, 0.0]),
    )
    assert patching.needed(curve, start=1.0, share=0.5) == (5, pytest.approx(0.3))
    assert patching.needed(curve, start=1.0, share=0.8) == (9, pytest.approx(0.3))
    assert patching.needed(curve, start=1.0, share=0.5, floor=0.2) == (
        5,
        pytest.approx(0.3),
    )
    assert patching.needed(curve, start=1.0, share=0.9).size == math.inf


@pytest.mark.parametrize("share", [0.0, -0.5, 1.5])
def test_a_share_of_the_gap_is_above_zero_and_at_most_one(share):
    curve = patching.PatchingCurve(
        torch.tensor([0]), torch.tensor([1.0]), torch.tensor([0.0])
    )
    with pytest.raises(ValueError, match="share"):
        patching.needed(curve, start=1.0, share=share)


def test_prompts_of_different_length_are_refused():
    with pytest.raises(ValueError, match="same shape"):
        patching.exchange(
            torch.relu, torch.eye(2), torch.zeros(2, 3, 2), torch.zeros(2, 4, 2)
        )
    with pytest.raises(ValueError, match="same shape"):
        patching.exchange_of(
            torch.zeros(2, 3, 2),
            torch.zeros(2, 3, 5),
            torch.zeros(2, 4, 5),
            torch.zeros(5, 2),
        )
