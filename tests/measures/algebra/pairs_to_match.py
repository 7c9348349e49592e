"""Pairs of dictionaries to match, and what a best matching of them is: the dense optimum
and the prices that prove it.
"""

import torch
from scipy.optimize import linear_sum_assignment

from saecore.measures.algebra.assignment import Assignment
from saecore.measures.algebra.nearest import unit_rows


def directions(rows: int, d_model: int = 32, *, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, d_model, generator=torch.Generator().manual_seed(seed))


def related(
    rows: int, d_model: int = 32, *, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Half noisy copies in another order, a third siblings of few centres, the rest
    unrelated.
    """
    a, b = (
        directions(rows, d_model, seed=seed),
        directions(rows, d_model, seed=seed + 1),
    )
    half, third = rows // 2, rows // 3
    b[:half] = a[:half] + 0.5 * b[:half]
    centre = directions(third // 8 + 1, d_model, seed=seed + 2)[
        torch.arange(third) // 8
    ]
    a[half : half + third] = centre + 0.6 * a[half : half + third]
    b[half : half + third] = centre + 0.6 * b[half : half + third]
    return a, b[torch.randperm(rows, generator=torch.Generator().manual_seed(seed))]


def hubs(
    rows: int, d_model: int = 32, *, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Strongly uneven spectrum and a common mean: a few rows are near everything, many
    near nothing.
    """
    a, b = related(rows, d_model, seed=seed)
    scale = torch.arange(1, d_model + 1.0) ** -0.7
    return a * scale + scale, b * scale + scale


def dense_total(a: torch.Tensor, b: torch.Tensor) -> float:
    cosine = (unit_rows(a).double() @ unit_rows(b).double().T).numpy()
    return cosine[linear_sum_assignment(cosine, maximize=True)].sum()


def certify(a: torch.Tensor, b: torch.Tensor, found: Assignment) -> float:
    """Largest violation of the prices over all pairs, and the checks that need no
    tolerance.
    """
    cosine = unit_rows(a.double()) @ unit_rows(b.double()).T
    matched = found.partner[found.partner >= 0]
    assert len(matched) == min(len(a), len(b)) == len(matched.unique())
    return float((cosine - found.row_price[:, None] - found.column_price).max())


CASES = {
    "related": related(700),
    "hubs": hubs(700),
    "hubs in few dimensions": hubs(600, 4),
    "more columns": (related(300)[0], related(650)[1]),
    "more rows": (related(650)[0], related(300)[1]),
    "unrelated": (directions(400), directions(400, seed=9)),
}
