"""Planted families: what `truth` says is what `plant` does, and rows depend on the
recipe alone.
"""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from saecore.source.planted import ROWS_PER_DRAW, Planted
from saecore.source.site import Site
from saecore.source.worlds.rows import World

N = 60_000
PLANTED = Planted(Site(World()), pairs=5, children=3)


def rows_like(n: int, *, d_model: int = 64, seed: int = 0) -> torch.Tensor:
    """Rows with a mean, and a covariance that is not round."""
    generator = torch.Generator().manual_seed(seed)
    return 2 + torch.randn(n, d_model, generator=generator) * torch.linspace(
        0.2, 3, d_model
    )


@pytest.fixture(scope="module")
def latents():
    return PLANTED.latents(N).to_dense()


# The rows do what the truth says


def test_what_is_added_is_activations_times_directions_in_units_of_the_rows_root_mean_square():
    rows = rows_like(3000)
    kept = rows.clone()
    planted, truth = PLANTED.plant(rows), PLANTED.truth(64)
    centred = rows - rows.mean(0)
    scale = centred.square().sum(1).mean().sqrt()
    wanted = scale * PLANTED.latents(3000).to_dense() @ truth.directions
    assert_close(planted - rows, wanted, rtol=1e-4, atol=1e-4)
    assert_close(rows, kept, rtol=0, atol=0)
    assert PLANTED.scale(rows) == pytest.approx(float(scale), rel=1e-5)


def test_directions_are_orthonormal_and_read_off_the_activations_exactly():
    truth = PLANTED.truth(64)
    assert_close(
        truth.directions @ truth.directions.T, torch.eye(40), rtol=0, atol=1e-5
    )


def test_directions_do_not_know_the_covariance_of_the_rows():
    rows = rows_like(20_000)
    along = (rows @ replace(PLANTED, seed=3).truth(64).directions.T).var(0)
    average = rows.var(0).mean()
    assert 0.7 < along.mean() / average < 1.4


def test_every_feature_fires_as_often_as_the_truth_says(latents):
    rate, wanted = (latents > 0).float().mean(0), PLANTED.truth(64).probability
    z = (rate - wanted) / (wanted * (1 - wanted) / N).sqrt()
    assert z.abs().max() < 4
    assert 0.7 < z.square().mean().sqrt() < 1.3


def test_a_child_of_a_hierarchical_family_needs_its_parent_and_that_of_an_independent_one_does_not(
    latents,
):
    truth, fired = PLANTED.truth(64), latents > 0
    for child in (truth.parent >= 0).nonzero().flatten().tolist():
        together = fired[fired[:, child], truth.parent[child]].float().mean()
        assert together == 1 if truth.hierarchical[child] else together < 0.15


def test_children_of_a_family_exclude_each_other_and_leave_the_parent_alone_at_times(
    latents,
):
    truth, fired = PLANTED.truth(64), latents > 0
    for hierarchical in (True, False):
        for parent in truth.parents(hierarchical=hierarchical).tolist():
            siblings = fired[:, truth.parent == parent].sum(1)
            assert siblings.max() == 1
            assert (fired[:, parent] & (siblings == 0)).sum() > 500


def test_families_know_nothing_of_each_other(latents):
    truth = PLANTED.truth(64)
    parents = (latents[:, truth.parent < 0] > 0).float()
    found = torch.corrcoef(parents.T) - torch.eye(10)
    assert found.abs().max() < 5 / N**0.5


def test_strengths_have_the_mean_and_deviation_of_the_recipe_and_a_childs_is_its_own(
    latents,
):
    other = (
        replace(PLANTED, parent_strength=0.8, child_strength=0.2).latents(N).to_dense()
    )
    truth = PLANTED.truth(64)
    for values, parents, children in ((latents, 0.4, 0.4), (other, 0.8, 0.2)):
        for wanted, members in (
            (parents, truth.parent < 0),
            (children, truth.parent >= 0),
        ):
            fired = values[:, members][values[:, members] > 0]
            assert fired.mean() == pytest.approx(wanted, rel=0.01)
            assert fired.std() == pytest.approx(0.15 * wanted, rel=0.05)
    both = latents[(latents[:, 0] > 0) & (latents[:, 5] > 0)]
    assert abs(torch.corrcoef(both[:, [0, 5]].T)[0, 1]) < 4 / len(both) ** 0.5


# Rows depend on the recipe alone


@pytest.mark.parametrize(
    ("start", "n"),
    [
        (0, 10),
        (100, ROWS_PER_DRAW),
        (ROWS_PER_DRAW - 3, 7),
        (2 * ROWS_PER_DRAW, ROWS_PER_DRAW + 1),
    ],
)
def test_any_part_of_the_rows_is_the_same_as_in_the_whole(latents, start, n):
    part = PLANTED.latents(n, start=start)
    assert part.is_coalesced()
    assert_close(part.to_dense(), latents[start : start + n], rtol=0, atol=0)
    assert part.shape == (n, PLANTED.n_features)


def test_another_seed_plants_other_directions_and_other_firings(latents):
    other = replace(PLANTED, seed=1)
    assert (
        other.truth(64).directions @ PLANTED.truth(64).directions.T
    ).abs().max() < 0.6
    assert not torch.equal(other.latents(500).to_dense(), latents[:500])


def test_names_and_parents_fit_together():
    truth = PLANTED.truth(64)
    assert len(set(truth.name)) == PLANTED.n_features == 40
    assert truth.name[truth.parent[8]] == "hierarchical parent 1"
    assert truth.name[8] == "hierarchical child 1.0"
    child = truth.name.index("independent child 4.2")
    assert truth.name[truth.parent[child]] == "independent parent 4"


def test_a_planting_is_a_site_of_its_own():
    site = Site(PLANTED)
    assert site.n_rows == PLANTED.site.n_rows
    assert Site(replace(PLANTED, seed=1)) != site


# Bad input


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pairs": 0}, "pairs"),
        ({"children": 0}, "children"),
        ({"parent_probability": 0.0}, "parent_probability"),
        ({"child_probability": 0.4}, "child_probability"),
        ({"child_strength": 0.0}, "strengths"),
        ({"magnitude_std": 0.5}, "magnitude_std"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        replace(PLANTED, **change)


def test_more_directions_than_dimensions_are_refused():
    with pytest.raises(ValueError, match="at most d_model=32"):
        PLANTED.truth(32)


def test_rows_that_do_not_vary_are_refused():
    with pytest.raises(ValueError, match="rows that vary"):
        PLANTED.plant(torch.ones(100, 64))


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="counted from 0"):
        PLANTED.latents(0)
