"""Patching counted by pair: the sets of a loop over single pairs, and planted counts."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing import by_pair
from saecore.measures.editing.by_pair import PairSets
from saecore.measures.editing.patching import Exchange
from tests.measures.editing.test_acdc import toy


def goals(case, share=0.5):
    everyone = case.pair.prompts()
    return (1 - share) * case.divergences(case.pair.base, everyone)


def slow(case, *, goal, thresholds, generator):
    """Algorithm 1 on each pair alone, with the drawn orders."""
    pair, touched = case.pair, case.pair.touched()
    kept, best = touched.clone(), torch.zeros_like(touched)

    def divergence(prompt, latents):
        stream = pair.base + (pair.change * latents) @ pair.directions
        return float(
            case.divergences(stream[prompt : prompt + 1], torch.tensor([prompt]))
        )

    reached = torch.tensor(
        [divergence(n, kept[n]) <= goal[n] for n in range(len(kept))]
    )
    open_, best = reached.clone(), kept & reached[:, None]
    for threshold in thresholds:
        if not open_.any():
            break
        orders, count = by_pair._shuffled(kept & open_[:, None], generator)
        for n in open_.nonzero()[:, 0].tolist():
            now = divergence(n, kept[n])
            for latent in orders[n, : count[n]]:
                without = kept[n].clone()
                without[latent] = False
                then = divergence(n, without)
                if then - now < threshold:
                    kept[n], now = without, then
                    if now <= goal[n]:
                        best[n] = kept[n]
            open_[n] = now <= goal[n]
    return PairSets(best, reached)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("density", [0.1, 1.0])
def test_the_sets_are_those_of_the_plain_algorithm_on_each_pair(seed, density):
    case = toy(density=density, seed=seed, latents=16)
    goal, steps = goals(case), (0.001, 0.01, 0.1, 1.0)
    draw = [torch.Generator().manual_seed(3) for _ in range(2)]
    fast = by_pair.pruned_by_pair(
        case.pair, case.divergences, goal=goal, thresholds=steps, generator=draw[0]
    )
    plain = slow(case, goal=goal, thresholds=steps, generator=draw[1])
    assert fast.reached.any()
    assert torch.equal(fast.reached, plain.reached)
    assert torch.equal(fast.chosen, plain.chosen)


@pytest.mark.parametrize("order", ["acdc", "gradient"])
def test_every_set_brings_its_pair_to_the_goal(order):
    case = toy(density=0.5)
    goal = goals(case)
    if order == "acdc":
        draw = torch.Generator().manual_seed(0)
        sets = by_pair.pruned_by_pair(
            case.pair,
            case.divergences,
            goal=goal,
            thresholds=(0.01, 0.1),
            generator=draw,
        )
    else:
        gradient = torch.randn_like(case.pair.base)
        sets = by_pair.grown_by_pair(case.pair, case.divergences, gradient, goal=goal)
    there = case.divergences(
        by_pair.patched_by_pair(case.pair, sets.chosen), case.pair.prompts()
    )
    assert sets.reached.any()
    assert (there[sets.reached] <= goal[sets.reached]).all()
    assert not sets.chosen[~sets.reached].any()


def planted():
    """Three pairs that each need the one latent of their own; one that cannot get
    there: its latent moves the stream the wrong way.
    """
    change = torch.zeros(4, 2, 5)
    change[[0, 1, 2, 3], 0, [0, 1, 2, 3]] = torch.tensor([2.0, 2.0, 2.0, -1.0])
    change[..., 4] = 0.1
    pair = Exchange(torch.zeros(4, 2, 3), change, torch.eye(3)[[0, 0, 0, 0, 1]])

    def divergences(stream, prompts):
        return (2 - stream[:, :, 0].sum(1)).clamp(min=0)

    return pair, divergences


def test_a_latent_for_each_name_is_one_latent_by_pair_and_many_in_one_set():
    pair, divergences = planted()
    goal = torch.ones(4)
    gradient = torch.tensor([-1.0, 0.0, 0.0]).expand(4, 2, 3)
    grown = by_pair.grown_by_pair(pair, divergences, gradient, goal=goal)
    draw = torch.Generator().manual_seed(1)
    pruned = by_pair.pruned_by_pair(
        pair, divergences, goal=goal, thresholds=(0.5,), generator=draw
    )
    for sets in (grown, pruned):
        assert sets.reached.tolist() == [True, True, True, False]
        assert torch.equal(sets.chosen[:3, :3], torch.eye(3, dtype=torch.bool))
        assert sets.chosen.sum() == 3


def test_counts_by_hand_and_the_whole_row_where_a_pair_never_gets_there():
    pair, divergences = planted()
    target = torch.zeros(4, 2, 3)
    target[:, 0] = torch.tensor([3.0, 0.0, 4.0])
    gradient = torch.tensor([-1.0, 0.0, 0.0]).expand(4, 2, 3)
    sets = by_pair.grown_by_pair(pair, divergences, gradient, goal=torch.ones(4))
    found = by_pair.counts(pair, sets, target)
    assert found.latents.tolist() == [1, 1, 1, 3]
    assert found.numbers.tolist() == [1, 1, 1, 2]
    assert_close(found.size, torch.tensor([1.0, 1.0, 1.0, 2.5]).double())
