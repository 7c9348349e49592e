"""Split families: counted by hand, and set against pairs that are as similar."""

import itertools
import math

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.meta.split_families import split_families


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def split(
    parents: int = 30, spread: float = 0.6
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Small directions, three large ones around each, and which parent each comes
    from.
    """
    small = torch.nn.functional.normalize(normal(parents, 48), dim=1)
    parent = torch.arange(3 * parents) // 3
    extra = torch.nn.functional.normalize(normal(3 * parents, 48, seed=1), dim=1)
    return small, small[parent] + spread * extra, parent


def test_families_are_those_that_were_planted():
    small, rows, parent = split()
    found = split_families(
        rows, small, torch.nn.functional.one_hot(parent, 30).float(), threshold=0.7
    )
    assert found.family.tolist() == parent.tolist()
    assert found.sizes.tolist() == [3] * 30
    assert found.pairs == 90
    assert found.share == found.common == 1
    assert found.chance == 0


def test_shares_agree_with_counting_pairs():
    small, rows, parent = split()
    uses = (normal(90, 20, seed=2) > 1.2).float()
    found = split_families(rows, small, uses, threshold=0.7)
    kin, strangers = [], []
    for i, j in itertools.combinations(range(90), 2):
        both = bool((uses[i] * uses[j]).any())
        (kin if parent[i] == parent[j] else strangers).append(both)
    assert found.share == pytest.approx(sum(kin) / len(kin))
    assert found.chance == pytest.approx(sum(strangers) / len(strangers))


def test_matched_pairs_share_as_much_where_only_similarity_counts():
    """Latents along one circle: neighbours share a part however they fall into
    families.
    """
    angle = torch.linspace(0, 2 * math.pi, 721)[:-1]
    rows = torch.stack([angle.cos(), angle.sin()], 1)
    part = (torch.arange(720)[:, None] - 10 * torch.arange(72)[None]) % 720
    uses = (part < 20).float()
    found = split_families(rows, rows[::20], uses, threshold=0.9)
    assert found.share > 5 * found.chance
    assert found.matched == pytest.approx(found.share, abs=0.1)
    assert found.covered == 1


def test_latents_close_to_nothing_are_in_no_family():
    small = torch.eye(4)[:2]
    rows = torch.tensor([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0.1, 2, 0, 0]])
    found = split_families(rows, small, torch.ones(4, 1), threshold=0.7)
    assert found.family.tolist() == [0, -1, -1, 1]
    assert found.pairs == 0
    assert math.isnan(found.share)
    assert math.isnan(found.common)


def test_wrong_input_is_refused_in_a_sentence():
    with pytest.raises((ValueError, TypeCheckError), match="d_model"):
        split_families(normal(3, 4), normal(3, 5), torch.ones(3, 1), threshold=0.7)
    with pytest.raises((ValueError, TypeCheckError), match=r"same latents|uses"):
        split_families(normal(3, 4), normal(3, 4), torch.ones(2, 1), threshold=0.7)
