"""The truth about families, by itself."""

import pytest
import torch
from torch.testing import assert_close

from saecore.source.plants import Plants, families, family_names, orthonormal_directions


def test_parents_come_first_and_the_independent_half_repeats_the_other():
    parent, hierarchical = families(2, 3)
    assert parent.tolist() == [-1, -1, 0, 0, 0, 1, 1, 1, -1, -1, 8, 8, 8, 9, 9, 9]
    assert hierarchical.tolist() == [True] * 8 + [False] * 8


def test_names_belong_to_the_features_in_their_order():
    names, (parent, _) = family_names(2, 3), families(2, 3)
    assert len(set(names)) == len(parent)
    assert names[2] == "hierarchical child 0.0"
    assert names[int(parent[15])] == "independent parent 1"


def test_directions_are_orthonormal_and_belong_to_their_seed():
    one, other = (orthonormal_directions(6, 10, seed=seed) for seed in (0, 1))
    assert_close(one @ one.T, torch.eye(6), atol=1e-6, rtol=0)
    assert not torch.allclose(one, other)
    with pytest.raises(ValueError, match="at most d_model=5"):
        orthonormal_directions(6, 5, seed=0)


def test_parents_of_each_kind_are_found():
    parent, hierarchical = families(2, 1)
    plants = Plants(torch.eye(8), parent, hierarchical, torch.ones(8), ("",) * 8)
    assert plants.parents(hierarchical=True).tolist() == [0, 1]
    assert plants.parents(hierarchical=False).tolist() == [4, 5]
