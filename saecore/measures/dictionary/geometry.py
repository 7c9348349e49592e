"""The spectrum of a cloud of rows, its effective dimensions, and what tokens explain of
it.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.dictionary.fidelity import fvu
from saecore.shapes import Rows


def spectrum(x: Rows) -> Float[Tensor, "d_model"]:
    """Spectrum: eigenvalues of the covariance of the rows, largest first (float64;
    unit: squares of x).
    """
    x = x.double()
    x = x - x.mean(0)
    return torch.linalg.eigvalsh(x.T @ x / max(len(x), 1)).flip(0).clamp(min=0)


def participation_ratio(x: Rows) -> float:
    """Participation ratio (sum l)^2 / sum l^2 of the spectrum: the number of directions
    that the variance is spread over.

    Between 1 and d_model; d_model for isotropic rows. Raises ValueError where x does
    not vary.
    """
    values = _varying(x)
    return float(values.sum() ** 2 / values.square().sum())


def effective_rank(x: Rows) -> float:
    """Effective rank (Roy & Vetterli 2007): exp of the entropy of the normalised
    spectrum, between 1 and d_model.
    """
    values = _varying(x)
    share = values / values.sum()
    return float(torch.exp(-torch.special.xlogy(share, share).sum()))


def _varying(x: Tensor) -> Tensor:
    values = spectrum(x)
    if not values.sum() > 0:
        raise ValueError(
            f"a spectrum needs rows that vary, got {len(x)} equal rows; give more rows"
        )
    return values


def token_r2(x: Rows, token: Int[Tensor, "row"]) -> float:
    """R2 of token identity: the share of the variance of the rows that it explains.

    R2 = 1 - sum of squares about each token's mean / sum of squares about the mean.
    In-sample: with few rows per token it is flattered; its expectation without any
    relation is (tokens - 1)/(rows - 1).
    """
    if len(x) != len(token):
        raise ValueError(
            f"every row needs one token, got {len(x)} rows and {len(token)} tokens; "
            "align them"
        )
    _, index, size = token.unique(return_inverse=True, return_counts=True)
    mean = x.new_zeros(len(size), x.shape[1], dtype=torch.float64).index_add_(
        0, index, x.double()
    )
    return 1 - fvu(x, mean.div_(size[:, None])[index])
