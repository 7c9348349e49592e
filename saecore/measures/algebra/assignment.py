"""The best one-to-one matching of two sets of rows, exact, with a proof that comes
along.

The assignment problem: give each of the min(n, m) rows its own partner so that the sum
of cosines is largest. Its linear-programming dual asks for prices: u_i per row and p_j
per column, with

    u_i + p_j >= s_ij for all n m pairs,    p_j >= 0 where columns may stay unmatched.

Any such prices bound every matching from above by sum u + sum p, so a matching that
reaches the bound is optimal. 2501.16615 solves the dense problem with SciPy (131,072
latents: 8 hours and 300 GB). Here only the likely pairs are solved (`sparse`), and all
the others are checked against the prices afterwards.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.compiled import availability
from saecore.measures.algebra.dual_prices import Solution, dense_prices
from saecore.measures.algebra.nearest import nearest, same_space, unit_rows
from saecore.measures.algebra.transport.ties import tied_rows

DENSE_BELOW = 512
NEAR = 1e-5
"""Cosines closer than this to a threshold are counted as near it."""


class Assignment(NamedTuple):
    """Optimal one-to-one matching of the rows of a with the rows of b, by cosine, and
    its certificate.
    """

    partner: Int[Tensor, "row"]
    """Row of b that each row of a is matched to; -1: unmatched (a is wider)."""
    cosine: Float[Tensor, "row"]
    """Cosine with the partner; 0 where unmatched."""
    nearest: Float[Tensor, "row"]
    """Largest cosine with any row of b (no one-to-one constraint)."""
    nearest_back: Float[Tensor, "other"]
    """The same for each row of b among the rows of a."""
    total: float
    """Sum of the matched cosines."""
    gap: float
    """No matching has a sum above total + gap (rounding of the cosines apart)."""
    row_price: Float[Tensor, "row"]
    """The rows' prices u, of the certificate."""
    column_price: Float[Tensor, "other"]
    """The columns' prices p, of the certificate."""
    rounds: int
    """Times that the sparse problem was solved; 0 if the dense one was."""
    tied: Bool[Tensor, "row"]
    """Rows that have another partner in some matching of the same total, to within 1e-6
    per pair: among equal rows, for one.
    """

    @property
    def ties(self) -> int:
        """Number of tied rows."""
        return int(self.tied.sum())

    def near(self, threshold: float) -> Bool[Tensor, "row"]:
        """Matched rows whose cosine is within 1e-5 of a threshold: by rounding it may
        lie on either side.
        """
        close = (self.cosine.double() - threshold).abs() <= NEAR
        return close & (self.partner >= 0)

    def flip(self) -> "Assignment":
        """The same matching seen from b."""
        partner = torch.full((len(self.column_price),), -1, dtype=torch.int64)
        cosine = torch.zeros(len(partner), dtype=self.cosine.dtype)
        tied = torch.zeros(len(partner), dtype=torch.bool)
        matched = self.partner >= 0
        tied[self.partner[matched]] = self.tied[matched]
        partner[self.partner[matched]] = matched.nonzero().flatten()
        cosine[self.partner[matched]] = self.cosine[matched]
        return self._replace(
            partner=partner,
            cosine=cosine,
            nearest=self.nearest_back,
            nearest_back=self.nearest,
            row_price=self.column_price,
            column_price=self.row_price,
            tied=tied,
        )


def assign(
    a: Float[Tensor, "row d_model"],
    b: Float[Tensor, "other d_model"],
    *,
    dense_below: int = DENSE_BELOW,
    progress: Callable[[int], None] | None = None,
) -> Assignment:
    """Optimal assignment (Hungarian matching): the one-to-one matching of two sets of
    directions with the largest sum of cosines; exact.

    argmax_P sum_i cos(a_i, b_P(i)) over one-to-one P; the `hungarian alignment` of
    2501.16615 for one weight matrix (their mean of `cosine` is the alignment score).
    Rows need not have norm 1; zero rows and rows that are not finite have cosine 0 with
    everything and take whatever partner is left. With unequal widths the narrower set
    is matched whole. Up to `dense_below` rows, or without numba, SciPy's dense solver
    is used, else the sparse one; both carry the same certificate. The sparse one's
    cosines are those of the unit rows in double precision, up to rounding near 1e-12;
    `progress` is told of rows as it goes on, twice of each row of the narrower set.
    Works in float32 unless the input is float64; results live on the CPU. Raises
    ValueError where d_model differs or a set is empty.
    """
    same_space(a, b)
    if not len(a) or not len(b):
        raise ValueError(
            f"a matching needs rows on both sides, got {len(a)} and {len(b)}; give "
            "more latents"
        )
    a, b = unit_rows(a), unit_rows(b)
    if a.dtype != b.dtype:
        a, b = a.double(), b.double()
    if len(a) > len(b):
        return _assign_wide(b, a, dense_below, progress).flip()
    return _assign_wide(a, b, dense_below, progress)


def _assign_wide(
    a: Tensor, b: Tensor, dense_below: int, progress: Callable[[int], None] | None
) -> Assignment:
    """Unit or zero rows, no more rows than columns."""
    if len(b) <= dense_below or not availability.available():
        solution = _solve_dense(a, b)
    else:
        from saecore.measures.algebra.sparse_assignment import solve_sparse

        solution = solve_sparse(a, b, progress=progress)
    partner = torch.from_numpy(solution.partner)
    cosine = (a.cpu().double() * b.cpu()[partner].double()).sum(1)
    return Assignment(
        partner=partner,
        cosine=cosine.to(a.dtype),
        nearest=nearest(a, b).value[:, 0].cpu()
        if solution.row_best is None
        else solution.row_best,
        nearest_back=nearest(b, a).value[:, 0].cpu()
        if solution.column_best is None
        else solution.column_best,
        total=float(cosine.sum()),
        gap=solution.gap,
        row_price=torch.from_numpy(solution.row_price),
        column_price=torch.from_numpy(solution.column_price),
        rounds=solution.rounds,
        tied=torch.from_numpy(solution.tied),
    )


def _solve_dense(a: Tensor, b: Tensor) -> Solution:
    """SciPy's dense solver (Jonker-Volgenant), with prices worked out afterwards."""
    cosine = (a @ b.T).double().cpu().numpy()
    from scipy.optimize import linear_sum_assignment  # 40 MB that few need

    partner = linear_sum_assignment(cosine, maximize=True)[1]
    row_price, column_price = dense_prices(cosine, partner)
    rounding = (cosine - row_price[:, None] - column_price).max(1).clip(min=0)
    row_price = row_price + rounding
    gap = (
        row_price.sum()
        + column_price.sum()
        - cosine[np.arange(len(partner)), partner].sum()
    )
    row_best, column_best = (
        torch.from_numpy(cosine.max(axis)).to(a.dtype) for axis in (1, 0)
    )
    tied = tied_rows(cosine, partner, row_price, column_price)
    return Solution(
        partner,
        row_price,
        column_price,
        float(max(gap, 0)),
        0,
        row_best,
        column_best,
        tied,
    )
