"""Orders of insertion, and the way from one width to the next."""

import pytest
import torch

from saecore.measures.dictionary.encoded import encoded, mean_square, residual
from saecore.measures.stitching.curves import curve
from saecore.measures.stitching.families import linked_families, links
from saecore.measures.stitching.insertion import insertions
from saecore.measures.stitching.orders import at_random, greedy, leg
from tests.measures.stitching.test_insertion import normal, plain


def case():
    return plain(12), plain(30, seed=1), normal(300, 8, seed=2)


def test_greedy_takes_the_best_latent_at_every_step():
    small, large, x = case()
    found = greedy(small, large, x)
    inside = torch.full((30,), -1)
    for step, latent in enumerate(found.order.tolist()):
        trials = {}
        for other in range(30):
            if inside[other] < 0:
                tried = inside.clone()
                tried[other] = step
                trials[other] = float(
                    curve(small, large, x, insert=tried).fixed.diff()[-1]
                )
        assert min(trials, key=lambda one: trials[one]) == latent
        assert trials[latent] == pytest.approx(float(found.effect[step]))
        inside[latent] = step
    for latent in (inside < 0).nonzero().flatten().tolist():
        tried = inside.clone()
        tried[latent] = len(found.order)
        assert float(curve(small, large, x, insert=tried).fixed.diff()[-1]) >= -1e-12


def test_greedy_keeps_to_the_candidates_and_the_number_of_steps():
    small, large, x = case()
    among = torch.arange(30) % 2 == 0
    found = greedy(small, large, x, among=among, most=3)
    assert len(found.order) <= 3
    assert among[found.order].all()
    assert found.steps(30)[found.order].tolist() == list(range(len(found.order)))
    torch.testing.assert_close(
        found.alone, insertions(small, large, x).effect[found.order]
    )


def test_two_copies_of_one_latent_interact_and_two_strangers_do_not():
    on = torch.zeros(100, 2, dtype=torch.float64)
    on[:10, 0], on[10:30, 1] = 1, 1
    d = torch.eye(2, dtype=torch.float64)
    x = on @ d

    class Known:
        def __init__(self, which):
            self.which, self.W_dec = which, d[which]

        def encode(self, x):
            return on[:, self.which]

        def decode(self, latents):
            return latents @ self.W_dec

    class Empty(Known):
        def __init__(self):
            self.W_dec = torch.zeros(1, 2, dtype=torch.float64)

        def encode(self, x):
            return x.new_zeros(len(x), 1)

    strangers = greedy(Empty(), Known([0, 1]), x)
    assert strangers.order.tolist() == [1, 0]
    assert strangers.effect.tolist() == pytest.approx([-0.2, -0.1])
    assert strangers.interaction == pytest.approx(0)
    copies = greedy(Empty(), Known([0, 0, 1]), x)
    assert len(copies.order) == 2  # the second copy would do harm


def test_random_orders_insert_the_chosen_latents_once():
    which = torch.arange(20) % 3 == 0
    step = at_random(which, generator=torch.Generator().manual_seed(0))
    assert (step[~which] == -1).all()
    assert sorted(step[which].tolist()) == list(range(7))


@pytest.mark.parametrize("threshold", [0.4, 0.6, 0.999])
def test_a_leg_begins_at_the_small_and_ends_at_the_large_dictionary(threshold):
    small, large, x = case()
    groups = linked_families(links(small, large, above=0.3), threshold=threshold)
    found = leg(small, large, x, groups, generator=torch.Generator().manual_seed(0))
    ends = [mean_square(residual(encoded(one, x), x)) for one in (small, large)]
    assert found.curve.moving[[0, -1]].tolist() == pytest.approx(ends)
    assert found.curve.latents[[0, -1]].tolist() == [12, 30]
    assert found.curve.latents[found.novel] == 12 + int(groups.novel.sum())
    assert found.swapped - found.novel == len(groups.sizes)
    assert len(found.curve.l0) - 1 - found.swapped == int(groups.lost.sum())
