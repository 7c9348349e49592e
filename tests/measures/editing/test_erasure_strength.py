"""Strengths on a task that falls with them by a known law."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing import erasure
from saecore.measures.editing.erasure_strength import at_chance, scaled, to_chance

HALF = {"chance": 0.5, "most": 8.0}


def test_a_scaled_eraser_moves_rows_so_many_times_as_far():
    x = torch.randn(50, 12, generator=torch.Generator().manual_seed(3)).double()
    once = erasure.along(torch.eye(12, dtype=x.dtype)[0])
    twice = scaled(once, 2.0)
    assert_close(twice(x) - x, 2 * (once(x) - x))
    assert_close(scaled(once, 0.0)(x), x)


X, TASK = torch.tensor([[3.0], [-3.0]]), torch.tensor([1.0, -1.0])


def zero(rows):
    return torch.zeros_like(rows)


def right(eraser):
    return float(torch.sigmoid(eraser(X)[:, 0] * TASK).mean())


def test_the_strength_that_brings_a_task_to_chance_solves_the_equation():
    halved = scaled(zero, 0.4)
    assert abs(to_chance(halved, right, **HALF) - 2.5) < 0.01
    assert to_chance(lambda rows: rows, right, **HALF) == float("inf")
    assert to_chance(scaled(halved, 0.1), right, **HALF) == float("inf")
    with pytest.raises(ValueError, match="above chance"):
        to_chance(halved, lambda _: 0.5, **HALF)


@pytest.mark.parametrize("share", [0.13, 0.3, 0.7, 1.9, 3.0])
@pytest.mark.parametrize("chance", [0.5, 0.7])
def test_at_the_strength_found_the_task_is_at_chance_or_just_below(share, chance):
    strength = to_chance(scaled(zero, share), right, chance=chance, most=8.0)
    exact = (1 - np.log(chance / (1 - chance)) / 3) / share
    assert exact <= strength * (1 + 1e-6)
    assert strength == pytest.approx(exact, rel=1e-3, abs=5e-4)
    assert right(scaled(scaled(zero, share), strength)) <= chance


def test_few_runs_of_the_task_find_the_strength():
    strengths = []

    def counted(eraser):
        strengths.append(float(1 - eraser(X)[0, 0] / 3))
        return right(eraser)

    to_chance(scaled(zero, 0.4), counted, **HALF)
    assert len(strengths) <= 10
    assert len(set(strengths)) == len(strengths)


def test_the_most_that_is_allowed_is_tried_itself():
    assert to_chance(scaled(zero, 0.2), right, chance=0.5, most=5.5) == pytest.approx(
        5, rel=1e-3
    )
    assert to_chance(scaled(zero, 4.0), right, chance=0.5, most=0.3) == pytest.approx(
        0.25, abs=5e-4
    )
    assert to_chance(scaled(zero, 0.2), right, chance=0.5, most=4.5) == float("inf")


def test_where_the_task_recovers_some_crossing_is_found():
    def wave(eraser):
        strength = float(1 - eraser(X)[0, 0] / 3)
        return 0.5 + 0.4 * float(
            np.cos(strength * 7 * np.pi / 2)
        )  # chance at 1/7, 3/7, 5/7, ...

    strength = to_chance(zero, wave, **HALF)
    assert wave(scaled(zero, strength)) <= 0.5
    assert min(abs(strength - place / 7) for place in range(1, 112, 4)) < 2e-3


def test_a_matched_eraser_is_at_chance_and_one_too_weak_is_marked():
    found = at_chance(scaled(zero, 0.4), right, **HALF)
    assert found.reached
    assert found.strength == to_chance(scaled(zero, 0.4), right, **HALF)
    assert_close(found.eraser(X), X * (1 - 0.4 * found.strength))
    weak = at_chance(scaled(zero, 0.1), right, chance=0.5, most=6.0)
    assert (weak.strength, weak.reached) == (6.0, False)
    assert_close(weak.eraser(X), 0.4 * X)
    assert not at_chance(lambda rows: rows, right, **HALF).reached
