"""Parents where the truth is known: 2 a1 + a2, and two layers that have nothing to do
with each other.
"""

import math

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.editing.causal_contexts import Level, falls, fired, halves
from saecore.measures.editing.causal_parents import causal_families
from tests.measures.editing.test_causal_contexts import (
    WIDTH,
    Axes,
    acts,
    levels,
    mixed,
    seeded,
    through,
)

A1, A2, B = 2, 6, 0


def planted(length=1.0, texts=80):
    """Above, latent B is 2 a1 + a2 at the same position, exactly; all others copy what
    is below them.
    """

    def network(stream):
        up = stream.clone()
        up[..., B] = 2 * stream[..., A1] + stream[..., A2]
        return up

    low = 0.5 + torch.rand(texts, 5, WIDTH, generator=seeded(3))
    dictionary = Axes(length)
    return Level(dictionary, low, through(network)), Level(
        dictionary, network(low), None
    )


def unrelated(seed, texts=60):
    """Above, each latent is 10 and a little noise that any change below draws anew."""
    weight = torch.rand(WIDTH, WIDTH, generator=seeded(seed)) + 1

    def network(stream):
        return 10 + torch.sin(1e4 * (stream @ weight))

    low = torch.rand(texts, 5, WIDTH, generator=seeded(seed + 1000))
    dictionary = Axes(1.0)
    return Level(dictionary, low, through(network)), Level(
        dictionary, network(low), None
    )


@pytest.mark.parametrize("length", [1.0, 0.3, 4.0])
def test_the_tree_finds_a1_before_a2_and_each_drop_is_what_runs_through_it(length):
    below, here = planted(length)
    found = causal_families(below, here, [B], generator=seeded(7))[0]
    choose, judge = halves(acts(here, B), generator=seeded(7))
    assert found.latent.tolist() == [A1, A2]
    for drop, half in ((found.chosen, choose), (found.drop, judge)):
        a1, a2 = (below.stream[half.text, half.at, j] for j in (A1, A2))
        whole = (2 * a1 + a2).mean()
        assert_close(drop, torch.stack([2 * a1.mean(), a2.mean()]) / whole)
    assert found.contexts == 20
    assert math.isclose(found.activity, float(judge.activity.mean()))


def test_random_parents_do_nothing_where_only_two_matter_and_none_of_the_two_is_drawn():
    found = causal_families(*planted(), [B], generator=seeded(7))[0]
    assert len(found.random) == WIDTH - 2
    assert_close(found.random, torch.zeros(WIDTH - 2), atol=1e-6, rtol=0)
    assert_close(found.as_much, torch.tensor([0, 1 / (WIDTH - 1)]))


def test_others_that_do_the_same_count_as_doing_as_much():
    """The third parent does nothing, and neither do the five that are left."""
    found = causal_families(*planted(), [B], branches=3, generator=seeded(7))[0]
    assert float(found.drop[2]) == 0
    assert_close(found.as_much, torch.tensor([0, 1 / (WIDTH - 1), 1]))


def test_a_random_direction_of_the_same_length_does_less_than_a1():
    """Its share along w = (2, 1) at the two axes has mean zero; only the ReLU, far
    away, could cut it.
    """
    drops = torch.stack(
        [
            causal_families(*planted(), [B], generator=seeded(s))[0].direction[0]
            for s in range(12)
        ]
    )
    parent = causal_families(*planted(), [B], generator=seeded(7))[0].drop[0]
    assert drops.abs().mean() < 0.5 * parent
    assert abs(drops.mean()) < 4 * drops.std() / 12**0.5


def test_where_two_layers_have_nothing_in_common_only_the_chosen_half_flatters_the_parent():
    found = [
        one
        for seed in range(6)
        for one in causal_families(
            *unrelated(seed), range(WIDTH), generator=seeded(seed)
        )
    ]
    chosen = torch.stack([one.chosen[0] for one in found])
    drop = torch.stack([one.drop[0] for one in found])
    random = torch.stack([one.random.mean() for one in found])
    assert chosen.mean() > 5 * chosen.std() / len(found) ** 0.5
    assert abs(drop.mean()) < 0.3 * chosen.mean()
    assert abs((drop - random).mean()) < 3.5 * (drop - random).std() / len(found) ** 0.5
    assert abs(torch.stack([one.as_much[0] for one in found]).mean() - 0.5) < 0.2


def test_as_much_counts_the_others_with_at_least_the_drop_on_the_judging_half():
    below, here = mixed()
    found = causal_families(below, here, [3], branches=4, generator=seeded(2))[0]
    choose, judge = halves(acts(here, 3), generator=seeded(2))
    first, second = (
        falls(below, here.dictionary, torch.tensor([3]), fired(below, [half]))
        for half in (choose, judge)
    )
    able = (first.contexts[0] > 0).nonzero()[:, 0].tolist()
    best = sorted(able, key=lambda j: -float(first.fall[0, j]))[:4]
    assert found.latent.tolist() == best
    for n, parent in enumerate(best):
        others = [j for j in able if j != parent]
        more = sum(
            float(second.fall[0, j]) >= float(second.fall[0, parent]) for j in others
        )
        assert math.isclose(float(found.as_much[n]), more / len(others), rel_tol=1e-6)
    share = second.fall[0] / judge.activity.mean()
    assert_close(found.drop, share[best].to(found.drop))
    assert_close(
        found.random.sort().values,
        share[[j for j in able if j not in best]].sort().values,
    )


def test_without_ranks_the_numbers_are_the_same_but_for_the_share_that_does_as_much():
    below, here = mixed()
    whole, quick = (
        causal_families(below, here, [3, 8], draws=3, ranks=ranks, generator=seeded(5))
        for ranks in (True, False)
    )
    for one, other in zip(whole, quick, strict=True):
        assert other.as_much.isnan().all()
        assert not one.as_much.isnan().any()
        assert len(other.random) == 3
        for name in ("latent", "chosen", "drop", "direction", "random"):
            assert_close(getattr(one, name), getattr(other, name))


def test_several_latents_together_are_what_they_are_alone():
    below, here = levels()[:2]
    together = causal_families(below, here, [0, 1], generator=seeded(5))
    assert {*together[0].latent.tolist()} == {1, 3}
    assert int(together[1].latent[0]) == 5
    assert_close(together[1].drop[0], torch.tensor(1.0))
    alone = causal_families(below, here, [0], generator=seeded(5))[
        0
    ]  # its contexts are drawn first
    assert_close(together[0].drop, alone.drop)


@pytest.mark.parametrize("texts", [0, 1])
def test_a_latent_with_too_few_contexts_has_no_parents_and_nan(texts):
    below, here = planted()
    here.stream[texts:, :, 4] = 0
    found, other = causal_families(below, here, [4, B], generator=seeded())
    assert found.contexts == 0
    assert not len(found.latent)
    assert not len(found.random)
    assert math.isnan(found.activity)
    assert other.latent.tolist() == [A1, A2]


def test_a_latent_below_which_nothing_fires_has_contexts_but_no_parents():
    below, here = planted()
    found = causal_families(
        below._replace(stream=torch.zeros_like(below.stream)),
        here,
        [B],
        generator=seeded(),
    )[0]
    assert found.contexts == 20
    assert not len(found.latent)
    assert not len(found.drop)
