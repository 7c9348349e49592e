"""Spans of groups of latents: two seeds may hold the same subspace and cut it up
differently.

Single directions can be lost from seed to seed where the space that they span is not
(Gerasimov et al. 2606.12138: unstable features lie in reproducible subspaces of low
rank). Three measures of it, each to be read beside a null: all orphans at once by their
leading axes, groups of neighbours with their partners, and chance.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.measures.algebra.nearest import unit_rows


def axes_of(
    rows: Float[Tensor, "row d_model"], rank: int
) -> Float[Tensor, "rank d_model"]:
    """Leading axes of a group of directions: the `rank` right singular vectors of its
    unit rows with the largest singular values, orthonormal.

    Raises ValueError for more axes than rows or dimensions.
    """
    if not 1 <= rank <= min(rows.shape):
        raise ValueError(
            f"{len(rows)} directions in {rows.shape[1]} dimensions have 1 to "
            f"{min(rows.shape)} axes, but {rank} were asked for: ask for fewer"
        )
    turned = torch.linalg.svd(unit_rows(rows).double(), full_matrices=False)[2]
    return turned[:rank]


def subspace_overlap(
    a: Float[Tensor, "rank d_model"], b: Float[Tensor, "other d_model"]
) -> float:
    """Overlap of two subspaces, given by orthonormal axes: the mean squared cosine of
    their principal angles, ||A B^T||^2 / rank.

    1 where one holds the other; between a random subspace of rank r and any other it is
    r / d on average, with r the larger rank.
    """
    return float((a @ b.T).square().sum()) / min(len(a), len(b))


def random_axes(
    rank: int, d_model: int, *, generator: Generator
) -> Float[Tensor, "rank d_model"]:
    """Orthonormal axes of a uniformly random subspace."""
    drawn = torch.randn(rank, d_model, generator=generator, dtype=torch.float64)
    return axes_of(drawn, rank)


def axes_overlaps(
    a: Float[Tensor, "row d_model"],
    b: Float[Tensor, "other d_model"],
    ranks: Sequence[int],
) -> list[float]:
    """Overlap of the leading axes of two groups of directions, at each rank."""
    most = max(ranks)
    first, second = axes_of(a, most), axes_of(b, most)
    return [subspace_overlap(first[:rank], second[:rank]) for rank in ranks]


def nearest_groups(
    rows: Float[Tensor, "row d_model"], size: int
) -> Int[Tensor, "row size"]:
    """Each direction with its `size` - 1 nearest others by cosine, itself first."""
    unit = unit_rows(rows)
    return (unit @ unit.T).fill_diagonal_(2).topk(size, dim=1).indices


def group_overlaps(
    a: Float[Tensor, "row d_model"],
    b: Float[Tensor, "row d_model"],
    groups: Int[Tensor, "group size"],
) -> Float[Tensor, "group"]:
    """Overlap of the spans of groups of rows of a and of their partners in b, where row
    i of b is the partner of row i of a.

    With one row to a group it is the squared cosine of partners. If two seeds hold a
    subspace and only turn their latents within it, the overlap of groups is far larger.
    """
    first, second = (_spanned(unit_rows(x).double()[groups]) for x in (a, b))
    return (first @ second.mT).square().sum((1, 2)) / groups.shape[1]


def _spanned(rows: Float[Tensor, "group size d_model"]) -> Tensor:
    """Orthonormal axes of the span of each group."""
    return torch.linalg.qr(rows.mT)[0].mT
