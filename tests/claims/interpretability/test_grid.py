from dataclasses import replace

import pytest
import torch

from saecore import profiles
from saecore.claims.interpretability import grid
from saecore.claims.seed_dependence.grid import ARCHITECTURES, model_seeds
from saecore.source.worlds.features import truth
from saecore.source.worlds.rows import world_latents
from saecore.zoo.store import Zoo


@pytest.fixture(scope="module")
def profile():
    return profiles.read("tiny")


def test_the_base_and_most_of_the_frontier_are_sae_of_the_seed_claim(profile):
    asked, seeds = grid.frontier(profile), model_seeds(profile)
    assert asked.base == seeds.base[:3]
    assert asked.frontier["topk"][8] == seeds.base[0]
    for kind in ARCHITECTURES:
        assert asked.frontier[kind][8] == seeds.architectures[kind][0]
    shared = set(asked.recipes()) & set(seeds.recipes())
    assert len(asked.recipes()) - len(shared) == 19 + 2 * 3 + 3 + 1


def test_the_frontier_holds_six_architectures_at_three_sparsities(profile):
    frontier = grid.frontier(profile).frontier
    assert len(frontier) == 6
    for kind, by_k in frontier.items():
        assert list(by_k) == [4, 8, 32]
        for k, one in by_k.items():
            assert (one.architecture, one.k, one.width, one.seed) == (
                kind,
                k,
                profile.width,
                0,
            )


def test_the_frontier_holds_all_six_architectures_at_every_width(profile):
    found = grid.frontier(profile)
    assert list(found.widths) == list(found.frontier)
    for kind, by_width in found.widths.items():
        assert list(by_width) == list(profile.widths)
        assert by_width[profile.width] == found.frontier[kind][int(profile.k)]


def test_frozen_halves_and_the_papers_sae_are_the_base_but_for_what_they_are(profile):
    found = grid.frontier(profile)
    for name, several in found.frozen.items():
        half = name.removeprefix("frozen ")
        for one, base in zip(several, found.base, strict=True):
            assert one.frozen == half
            assert replace(one, frozen="") == base
    narrow = {"width": profile.widths[0] // 2}
    assert found.narrow == replace(found.base[0], **narrow)
    for one, base in zip(found.tied, found.base, strict=True):
        assert (one.tied, one.architecture) == (True, "relu")
        assert one.width == 2 * profile.widths[0]
        rest = {"tied": False, "architecture": "topk", "width": base.width}
        assert replace(one, **rest) == base


def test_the_untrained_control_reads_the_text_of_the_base_with_another_model(
    profile, tmp_path
):
    base = grid.frontier(profile).base
    blank = grid.untrained_saes(profile, Zoo(tmp_path))
    for one, other in zip(base, blank, strict=True):
        assert other.site.text == one.site.text
        assert other.site.layer == one.site.layer
        assert other.site.model != one.site.model
        assert replace(other, site=one.site) == one


def test_the_toy_grid_covers_both_worlds_by_width_and_sparsity(profile):
    toys = grid.recovery_grid(profile)
    assert len(toys.recipes()) == 24
    for recipes, correlated in ((toys.independent, False), (toys.correlated, True)):
        assert set(recipes) == {
            (width, k) for width in grid.TOY_WIDTHS for k in grid.TOY_KS
        }
        for (width, k), one in recipes.items():
            assert (one.width, one.k, one.site.source) == (
                width,
                k,
                grid.toy_world(correlated=correlated),
            )


def test_another_world_seed_asks_for_other_toys():
    first, other = (
        grid.recovery_grid(profiles.read("tiny", world_seed=seed)) for seed in (0, 1)
    )
    assert not set(first.recipes()) & set(other.recipes())


@pytest.mark.parametrize("correlated", [False, True])
def test_a_toy_world_has_128_features_that_fire_as_often_as_it_says(correlated):
    world = grid.toy_world(correlated=correlated)
    known = truth(world)
    assert known.directions.shape == (128, 64)
    assert set(known.kind) == {"background"}
    assert bool((known.topic >= 0).any()) == correlated
    fired = (world_latents(world, 20_000).to_dense() > 0).double()
    assert float(fired.sum(1).mean()) == pytest.approx(
        float(known.probability.sum()), rel=0.03
    )
    first, second = (
        (known.topic == 0).nonzero()[:2, 0].tolist() if correlated else (0, 1)
    )
    together = float((fired[:, first] * fired[:, second]).mean())
    chance = float(fired[:, first].mean() * fired[:, second].mean())
    deviation = (chance / 20_000) ** 0.5
    assert (
        (together > chance + 10 * deviation)
        if correlated
        else (abs(together - chance) < 5 * deviation)
    )
    assert torch.allclose(known.directions.norm(dim=1), torch.ones(128))
