"""Spans of groups of latents: turned bases, random ones, closed forms."""

import pytest
import torch

from saecore.measures.seeds.spans import (
    axes_of,
    axes_overlaps,
    group_overlaps,
    nearest_groups,
    random_axes,
    subspace_overlap,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


def test_overlap_is_the_mean_squared_cosine_of_the_principal_angles():
    a, b = (
        random_axes(3, 10, generator=generator(1)),
        random_axes(5, 10, generator=generator(2)),
    )
    cosines = torch.linalg.svdvals(a @ b.T)
    assert subspace_overlap(a, b) == pytest.approx(float(cosines.square().mean()))
    assert subspace_overlap(a, a) == pytest.approx(1)
    assert subspace_overlap(b[:2], b[2:4]) == pytest.approx(0, abs=1e-12)


def test_random_axes_overlap_by_rank_over_dimension():
    drawn = [
        subspace_overlap(
            random_axes(4, 32, generator=generator(seed)),
            random_axes(4, 32, generator=generator(seed + 1000)),
        )
        for seed in range(200)
    ]
    assert sum(drawn) / len(drawn) == pytest.approx(4 / 32, abs=0.01)


def test_another_basis_of_one_space_has_the_same_axes():
    inside = normal(4, 40, seed=3)
    a, b = (normal(60, 4, seed=s) @ inside for s in (4, 5))
    assert axes_overlaps(a, b, [4])[0] == pytest.approx(1, abs=1e-9)
    elsewhere = normal(60, 4, seed=6) @ normal(4, 40, seed=7)
    assert axes_overlaps(a, elsewhere, [4])[0] < 0.4


def test_groups_that_are_turned_within_their_plane_agree_though_latents_do_not():
    planes = torch.stack([random_axes(2, 30, generator=generator(s)) for s in range(9)])
    a = planes.reshape(18, 30)
    turn = torch.tensor([[1.0, 1.0], [-1.0, 1.0]], dtype=torch.float64) / 2**0.5
    b = (turn @ planes).reshape(18, 30)
    alone = group_overlaps(a, b, torch.arange(18)[:, None])
    torch.testing.assert_close(alone, torch.full_like(alone, 0.5))
    groups = torch.arange(18).view(9, 2)
    pairs = group_overlaps(a, b, groups)
    torch.testing.assert_close(pairs, torch.ones_like(pairs))


def test_one_row_to_a_group_is_the_squared_cosine():
    a, b = normal(5, 12, seed=8), normal(5, 12, seed=9)
    found = group_overlaps(a, b, torch.arange(5)[:, None])
    cosines = torch.nn.functional.cosine_similarity(a, b)
    torch.testing.assert_close(found, cosines.square())


def test_the_nearest_are_found_and_each_is_first_of_its_own():
    rows = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    assert nearest_groups(rows, 2).tolist() == [[0, 1], [1, 0], [2, 3], [3, 2]]


def test_more_axes_than_there_are_is_refused():
    with pytest.raises(ValueError, match="have 1 to 3 axes, but 4"):
        axes_of(normal(3, 10, seed=10), 4)
