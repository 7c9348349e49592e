"""Do SAEs of different widths fail on the same rows?

Engels et al. (2024, "dark matter", 2410.14670) find that large SAEs fail where small
ones do. If so, part of what a small SAE lacks is not in a larger one either.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class ErrorAgreement(NamedTuple):
    """How alike two dictionaries fail on the same rows."""

    correlation: float
    """Pearson's, of the logarithms of the two squared errors of a row."""
    given_norm: float
    """The same for what the row's own squared distance from the mean row leaves of the
    two (partial correlation, logarithms)."""
    direction: float
    """Cosine of all errors as one long vector: 1 if they are the same."""


def error_agreement(
    first: Float[Tensor, "row d_model"],
    second: Float[Tensor, "_ _"],
    x: Float[Tensor, "_ _"],
) -> ErrorAgreement:
    """Error correlation of two dictionaries that leave `first` and `second` of the rows
    `x`.

    Raises ValueError unless all three have the same shape.
    """
    if not first.shape == second.shape == x.shape:
        raise ValueError(
            "errors are compared row by row, so all must have one shape, got "
            f"{tuple(first.shape)}, {tuple(second.shape)} and {tuple(x.shape)}: give "
            "what both leave of the same rows"
        )
    a, b = (log_error(one) for one in (first, second))
    size = log_error(x - x.mean(0))
    ab, an, bn = (_pearson(*two) for two in ((a, b), (a, size), (b, size)))
    left = ((1 - an**2) * (1 - bn**2)) ** 0.5
    products = [
        float((p.double() * q.double()).sum())
        for p, q in ((first, second), (first, first), (second, second))
    ]
    return ErrorAgreement(
        ab,
        (ab - an * bn) / left if left > 0 else 0.0,
        products[0] / (products[1] * products[2]) ** 0.5,
    )


def log_error(rows: Float[Tensor, "row d_model"]) -> Float[Tensor, "row"]:
    """Logarithm of the squared norm of each row (float64; tiny ones cut off)."""
    return rows.double().square().sum(1).clamp(min=1e-12).log()


def _pearson(a: Tensor, b: Tensor) -> float:
    return float(torch.corrcoef(torch.stack([a, b]))[0, 1])
