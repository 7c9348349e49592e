"""What fitting adds to stitching: the other dictionary's bias, and new decoder rows for
a stitched set.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.measures.dictionary.encoded import (
    Encoded,
    mean_square,
    part,
    residual,
    variance,
)
from saecore.measures.stitching.row_groups import groups_of
from saecore.shapes import Rows
from saecore.sparse import from_matrix, matrix


def bias_exchange(
    several: Sequence[Encoded], x: Rows
) -> Float[Tensor, "dictionary source"]:
    """Exchanged biases: error of every dictionary with the decoder bias of every other
    (figure 17), encoders unchanged.

    With c the difference of the biases and r the residual, the error grows by |c|^2 - 2
    <c, E r>. Biases of rows of their own (dictionaries that normalise rows) are
    exchanged row by row: E |c|^2 - 2 E <c, r>.
    """
    if any(one.bias.ndim == 2 for one in several):
        return _exchanged_by_row(several, x)
    table = []
    for one in several:
        rest = residual(one, x)
        error, mean = mean_square(rest), rest.double().mean(0)
        shifts = torch.stack(
            [other.bias.double() - one.bias.double() for other in several]
        )
        table.append(error + shifts.square().sum(1) - 2 * shifts @ mean)
    return torch.stack(table)


def _exchanged_by_row(several: Sequence[Encoded], x: Rows) -> Tensor:
    table = []
    for one in several:
        rest = residual(one, x)
        errors = [mean_square(rest - (other.bias - one.bias)) for other in several]
        table.append(torch.tensor(errors, dtype=torch.float64))
    return torch.stack(table)


def union(
    first: Encoded,
    second: Encoded,
    *,
    keep: Bool[Tensor, "latent"] | None = None,
    add: Bool[Tensor, "other"] | None = None,
) -> Encoded:
    """Stitched dictionary: the latents `keep` of the first and `add` of the second
    (None: all).

    Activations stay as they are; the bias is the first one's. Raises ValueError for
    other rows or sites.
    """
    from scipy.sparse import csr_array, hstack

    if first.rows != second.rows or first.W_dec.shape[1] != second.W_dec.shape[1]:
        raise ValueError(
            "dictionaries are stitched on the rows of one site, but one was encoded on "
            f"({first.rows}, {first.W_dec.shape[1]}) and the other on ({second.rows}, "
            f"{second.W_dec.shape[1]}): call `encoded` with the same rows"
        )
    chosen = [
        (one, torch.ones(one.width, dtype=torch.bool) if which is None else which.cpu())
        for one, which in ((first, keep), (second, add))
    ]
    parts = [matrix(one.active, one.width)[:, which.numpy()] for one, which in chosen]
    table = csr_array(hstack(parts, format="csr"))
    device = first.W_dec.device
    w_dec = torch.cat([one.W_dec[which.to(device)] for one, which in chosen])
    return Encoded(from_matrix(table, device), w_dec, first.bias)


class Refit(NamedTuple):
    """A dictionary with the decoder rows and the bias that fit best, its activations
    kept.
    """

    fitted: float
    """Error on the rows of the fit, as in `Insertions`."""
    error: float
    """Error on rows not fitted on."""
    raw: float
    """Error on the same rows as it was, with the best bias of the rows of the fit."""
    variance: float
    """Of these rows: an error divided by it is an fvu."""
    l0: float
    """Mean number of active latents per row."""
    latents: int


def refit(one: Encoded, x: Rows, *, ridge: float = 1e-6) -> Refit:
    """Least squares for the decoder, fitted on the first half of the rows and judged on
    the second.

    With F the activations about their means and X the rows about theirs, D = (F^T F +
    ridge diag(F^T F))^-1 F^T X. Reviewers of 2502.04878 asked for this on stitched sets
    (`union`): the decoder rows of an inserted latent were fitted for other company.
    Float64; latents^2 numbers of memory and latents^3 / 3 products. Latents that are
    dead on the first half become zero.
    """
    half = len(x) // 2
    fit, judge = slice(0, half), slice(half, len(x))
    before, rest = (
        residual(one, x),
        residual(refitted(one, x, rows=fit, ridge=ridge), x),
    )
    raw = mean_square(before[judge] - before[fit].mean(0))
    return Refit(
        mean_square(rest[fit]),
        mean_square(rest[judge]),
        raw,
        variance(x[judge]),
        one.l0,
        one.width,
    )


def refitted(
    one: Encoded, x: Rows, *, rows: slice | None = None, ridge: float = 1e-6
) -> Encoded:
    """Least-squares decoder: the dictionary with the decoder rows and the bias that fit
    best on some rows (None: all); see `refit`.

    What it leaves of these rows has no correlation with any of its activations, so it
    shrinks nothing: what an inserted latent then adds cannot be the amplitude that a
    copy of it lacked. Where every row has a bias of its own (a dictionary that
    normalises rows), one vector is added to all of them.
    """
    rows = rows or slice(0, len(x))
    entries = part(one.active, rows)
    table = matrix(entries._replace(value=entries.value.double()), one.width)
    n, target = rows.stop - rows.start, x[rows].double()
    if by_row := one.bias.ndim == 2:
        target = target - one.bias[rows].double()
    means = torch.from_numpy(table.sum(0)).to(x.device) / n
    gram = torch.from_numpy((table.T @ table).toarray()).to(x.device) - n * torch.outer(
        means, means
    )
    cross = torch.from_numpy(table.T @ target.cpu().numpy()).to(
        x.device
    ) - n * torch.outer(means, target.mean(0))
    live = means > 0
    gram, cross = gram[live][:, live], cross[live]
    gram.diagonal().mul_(1 + ridge)
    solution = torch.zeros(one.width, x.shape[1], dtype=torch.float64, device=x.device)
    solution[live] = torch.cholesky_solve(cross, torch.linalg.cholesky(gram))
    bias = target.mean(0) - means @ solution
    bias = bias + one.bias.double() if by_row else bias
    return one._replace(W_dec=solution.to(x.dtype), bias=bias.to(x.dtype))


def crossfitted(
    one: Encoded, x: Rows, *, together: int = 1, ridge: float = 1e-6
) -> Float[Tensor, "row d_model"]:
    """Cross-fitting: what the dictionary leaves of each half of the rows with decoder
    rows and bias fitted on the other half; halves of whole texts of `together` rows.

    What a latent then adds was not learnt from the rows that judge it. Raises
    ValueError for fewer than two texts.
    """
    halves = groups_of(len(x), groups=2, together=together)
    left = [
        residual(refitted(one, x, rows=fit, ridge=ridge), x)[judge]
        for fit, judge in zip(halves, reversed(halves), strict=True)
    ]
    return torch.cat(left[::-1])
