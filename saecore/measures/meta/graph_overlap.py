"""Two graphs of one SAE's latents: those that share a meta-latent, those close to one
latent of a small SAE.

The post behind Leask et al. (2502.04878) draws both with equally many edges and prints
that 28.92 % of the edges are shared. What two random graphs with the same degrees would
share was not given; it is here.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.nearest import same_space, unit_rows
from saecore.shapes import Directions

_TILE = 1024
Membership = Bool[Tensor, "latent group"]
"""Two latents are linked if they have a group in common."""


class Overlap(NamedTuple):
    """Edges that two graphs of the same latents have in common; see `overlap`."""

    share: float
    """Shared edges over the edges of the first graph."""
    expected: float
    """The same for random graphs that have each latent's two degrees (soft
    configuration model).
    """
    uniform: float
    """The same for random graphs with these numbers of edges only: the density of the
    second.
    """
    edges: tuple[int, int]
    """Number of edges of each graph."""
    threshold: float
    """Cosine at which the second graph has as many edges as the first; nan if it was
    given.
    """


def tiles(group: Membership) -> Iterator[tuple[int, Bool[Tensor, "latent latent"]]]:
    """Adjacency matrix of a graph, some rows at a time: first row and block [row,
    latent], no loops.
    """
    member = group.float()
    for start in range(0, len(group), _TILE):
        block = (member[start : start + _TILE] @ member.T) > 0.5
        block[:, start : start + _TILE].fill_diagonal_(False)
        yield start, block


def degrees(group: Membership) -> Int[Tensor, " latent"]:
    """Degree of each latent: how many latents it is linked with."""
    return torch.cat([block.sum(1) for _, block in tiles(group)])


def close_to(
    rows: Directions, small: Float[Tensor, "group d_model"], edges: int
) -> tuple[Float[Tensor, ""], Membership]:
    """Cosine threshold above which latents count as members of a small latent's group
    so that about `edges` pairs share a group, and the membership. Bisection to one part
    in a thousand, or as near as ties let it come.
    """
    same_space(rows, small)
    cosine = unit_rows(rows) @ unit_rows(small).T
    low, high, threshold = torch.tensor(-1.0), torch.tensor(1.0), torch.tensor(0.0)
    for _ in range(24):
        threshold = (low + high) / 2
        found = int(degrees(cosine > threshold).sum()) // 2
        if abs(found - edges) <= edges / 1000:
            break
        low, high = (threshold, high) if found > edges else (low, threshold)
    return threshold, cosine > threshold


def overlap(
    uses: Float[Tensor, "latent meta"],
    rows: Directions,
    small: Float[Tensor, "other d_model"],
) -> Overlap:
    """Edge overlap of two graphs of latents: that of shared meta-latents, and that of
    shared small latents.

    First graph: two latents are linked if a meta-latent is active (not 0 in `uses`) on
    both. Second: if both have a cosine above t with the same latent of the small SAE, t
    such that there are equally many edges. Costs 2 latent^2 (meta + small) FLOP per
    step of the search for t and a tile of memory. Raises ValueError where nothing is
    linked or shapes disagree.
    """
    if len(uses) != len(rows):
        raise ValueError(
            "meta-latents and decoder rows must be those of the same latents, got "
            f"{len(uses)} and {len(rows)}; use one SAE"
        )
    first = uses != 0
    edges = int(degrees(first).sum()) // 2
    if not edges:
        raise ValueError(
            "no two latents share a meta-latent, so there are no edges to compare"
        )
    threshold, second = close_to(rows, small, edges)
    return compare(first, second)._replace(threshold=float(threshold))


def compare(first: Membership, second: Bool[Tensor, "latent other"]) -> Overlap:
    """Edge overlap of two graphs of the same latents, beside what their degrees alone
    would give.
    """
    common = (
        sum(
            int((a & b).sum())
            for (_, a), (_, b) in zip(tiles(first), tiles(second), strict=True)
        )
        // 2
    )
    one, two = degrees(first), degrees(second)
    edges = int(one.sum()) // 2, int(two.sum()) // 2
    pairs = len(first) * (len(first) - 1) / 2
    expected = expected_common(one, two)
    return Overlap(
        common / edges[0], expected / edges[0], edges[1] / pairs, edges, float("nan")
    )


def expected_common(one: Int[Tensor, " latent"], two: Int[Tensor, " latent"]) -> float:
    """Expected number of common edges of two independent random graphs with the given
    degrees.

    Sum over pairs of p_ij q_ij, the edge probabilities of each graph in the soft
    configuration model: maximum entropy among graphs whose *expected* degrees are these
    (Park and Newman 2004). Unlike d_i d_j / (2 edges) it stays below 1 for hubs of
    dense graphs.
    """
    a, b = fitness(one), fitness(two)
    total = 0.0
    for start in range(0, len(a), _TILE):
        p, q = (torch.outer(x[start : start + _TILE], x) for x in (a, b))
        product = (p / (1 + p)) * (q / (1 + q))
        product[:, start : start + _TILE].fill_diagonal_(0)
        total += float(product.sum())
    return total / 2


def fitness(degree: Int[Tensor, " latent"]) -> Float[Tensor, " latent"]:
    """Fitness x of the soft configuration model: an edge has probability x_i x_j / (1 +
    x_i x_j), and all latents the right expected degree.

    Fixed point x = d / sum_j x_j / (1 + x x_j) over classes of equal degree, in
    float64. A latent linked with all others is treated as if it lacked half an edge
    (its x would be infinite).
    """
    wanted, of, count = degree.double().unique(return_inverse=True, return_counts=True)
    wanted = wanted.clamp(max=len(degree) - 1.5)
    x = wanted / wanted.mul(count).sum().clamp(min=1e-9).sqrt()
    for _ in range(500):
        per = 1 / (1 / x.clamp(min=1e-300)[None] + x[:, None])  # x_j / (1 + x_i x_j)
        total = per @ count.double() - per.diagonal()
        new = wanted / total.clamp(min=1e-300)
        x, before = (x * new).sqrt(), x
        if torch.allclose(x, before, rtol=1e-10, atol=0):
            break
    return x[of]
