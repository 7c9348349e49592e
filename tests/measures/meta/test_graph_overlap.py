"""Edges that two graphs share, and what their degrees alone would give."""

import itertools

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.meta.graph_overlap import (
    close_to,
    compare,
    degrees,
    expected_common,
    fitness,
    overlap,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def members(latents: int, groups: int, chance: float, *, seed: int = 0) -> torch.Tensor:
    return torch.rand(latents, groups, generator=generator(seed)) < chance


def edges(group: torch.Tensor) -> set[tuple[int, int]]:
    """The slow twin: pair by pair."""
    pairs = itertools.combinations(range(len(group)), 2)
    return {
        (i, j)
        for i, j in pairs
        if any(a and b for a, b in zip(group[i], group[j], strict=True))
    }


def test_edges_degrees_and_shared_edges_agree_with_counting_pairs():
    first, second = members(40, 12, 0.12), members(40, 9, 0.2, seed=1)
    found, one, two = compare(first, second), edges(first), edges(second)
    assert found.edges == (len(one), len(two))
    assert found.share == pytest.approx(len(one & two) / len(one))
    assert found.uniform == pytest.approx(len(two) / (40 * 39 / 2))
    expected = [sum(i in edge for edge in one) for i in range(40)]
    assert degrees(first).tolist() == expected


def test_a_graph_shares_all_edges_with_itself_and_few_with_a_relabelled_one():
    group = members(300, 40, 0.03)
    assert compare(group, group).share == 1
    order = torch.randperm(300, generator=generator(2))
    found = compare(group, group[order])
    assert found.share == pytest.approx(found.expected, abs=0.02)


def test_the_model_has_the_degrees_that_were_asked_for():
    degree = torch.tensor([0, 1, 3, 3, 5, 6, 6, 2, 4, 4])
    x = fitness(degree)
    p = torch.outer(x, x) / (1 + torch.outer(x, x))
    torch.testing.assert_close(
        p.fill_diagonal_(0).sum(1), degree.double(), atol=1e-6, rtol=1e-6
    )


def test_equal_degrees_give_the_closed_form():
    degree = torch.full((50,), 7)
    pairs = 50 * 49 / 2
    assert expected_common(degree, degree) == pytest.approx(pairs * (7 / 49) ** 2)


def test_expected_common_edges_agree_with_rewired_graphs():
    """Monte Carlo: both graphs keep their degrees exactly while pairs of edges swap
    their ends.
    """
    one, two = edges(members(30, 6, 0.25, seed=3)), edges(members(30, 5, 0.25, seed=4))
    draws = [len(rewired(one, seed=s) & rewired(two, seed=100 + s)) for s in range(150)]
    count = [
        torch.tensor([sum(i in e for e in graph) for i in range(30)])
        for graph in (one, two)
    ]
    expected = expected_common(*count)
    assert sum(draws) / 150 == pytest.approx(expected, rel=0.03)
    assert expected > 1.02 * len(one) * len(two) / (
        30 * 29 / 2
    )  # hubs share more than density says


def rewired(graph: set[tuple[int, int]], *, seed: int) -> set[tuple[int, int]]:
    """The same degrees, other edges: ends of two edges are swapped where that makes no
    double edge.
    """
    drawn = torch.randint(
        len(graph), (8 * len(graph), 2), generator=generator(seed)
    ).tolist()
    flip = torch.rand(len(drawn), generator=generator(seed + 1)) < 0.5
    listed, present = sorted(graph), set(graph)
    for (first, second), turn in zip(drawn, flip.tolist(), strict=True):
        (a, b), (c, d) = listed[first], listed[second][:: -1 if turn else 1]
        new = (min(a, d), max(a, d)), (min(c, b), max(c, b))
        if len({a, b, c, d}) < 4 or present & set(new):
            continue
        present -= {listed[first], listed[second]}
        present |= set(new)
        listed[first], listed[second] = new
    return present


def test_a_latent_linked_with_all_others_is_no_trouble():
    degree = torch.tensor([5, 1, 1, 1, 1, 1])
    assert torch.isfinite(fitness(degree)).all()
    assert 4 < expected_common(degree, degree) < 5


def test_planted_families_are_found_again_in_the_small_dictionary():
    small = torch.linalg.qr(torch.randn(64, 20, generator=generator())).Q.T
    family = torch.arange(200) % 20
    rows = small[family] + 0.05 * torch.randn(200, 64, generator=generator(1))
    uses = torch.nn.functional.one_hot(family, 20).float()
    found = overlap(uses, rows, small)
    assert found.share == 1
    assert found.edges[0] == found.edges[1] == 20 * 45
    assert found.expected < 0.1
    assert 0.3 < found.threshold < 1


def test_the_second_graph_gets_as_many_edges_as_asked_for():
    rows, small = (torch.randn(400, 16, generator=generator(s)) for s in (0, 1))
    threshold, group = close_to(rows, small, 3000)
    assert int(degrees(group).sum()) / 2 == pytest.approx(3000, rel=2e-3)
    cosine = torch.nn.functional.cosine_similarity(rows[:, None], small[None], dim=2)
    assert ((cosine > threshold) == group).double().mean() > 0.999


def test_wrong_input_is_refused_in_a_sentence():
    rows = torch.randn(10, 4, generator=generator())
    with pytest.raises((ValueError, TypeCheckError), match=r"same latents|rows"):
        overlap(torch.ones(9, 3), rows, rows)
    with pytest.raises(ValueError, match="no edges"):
        overlap(torch.zeros(10, 3), rows, rows)
