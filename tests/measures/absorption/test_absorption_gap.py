"""The gap of rows that can be counted by hand, and of the family of the proof."""

import pytest
import torch

from saecore.measures.absorption.absorption_gap import gap

PARENT = torch.tensor([True, True, True, True, False, False])
CHILD = torch.tensor([False, False, True, True, False, True])


def test_a_latent_that_is_silent_with_the_child_has_a_gap_of_one():
    fires = torch.tensor([True, True, False, False, False, False])
    found = gap(fires, PARENT, CHILD)
    assert [float(found.gap), float(found.recall_without)] == [1, 1]
    assert float(found.recall_with) == 0
    assert (int(found.without), int(found.both)) == (2, 2)


def test_many_pairs_at_once_and_a_childs_latent_is_below_zero():
    absorbed = torch.tensor([True, True, False, False, False, False])
    childs = torch.tensor([True, False, True, True, True, True])
    fires = torch.stack([absorbed, childs, PARENT], 1)
    truth = [x[:, None].expand(-1, 3) for x in (PARENT, CHILD)]
    assert gap(fires, *truth).gap.tolist() == [1, -0.5, 0]


def test_a_parent_that_is_never_with_its_child_has_no_gap():
    found = gap(PARENT, PARENT, torch.zeros_like(PARENT))
    assert found.gap.isnan()
    assert float(found.recall_without) == 1


@pytest.mark.parametrize(("delta", "expected"), [(0.0, 0.0), (0.5, 0.0), (1.0, 1.0)])
def test_the_family_of_the_proof_shows_no_gap_before_it_absorbs_wholly(delta, expected):
    latent = (PARENT.double() - delta * CHILD.double()).relu()
    assert float(gap(latent > 0, PARENT, CHILD).gap) == expected
