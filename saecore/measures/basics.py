"""The plain numbers about a dictionary or a cloud of rows, each defined here and nowhere else."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.shapes import Latents, Rows


def fvu(x: Rows, reconstruction: Rows) -> float:
    """Fraction of variance unexplained: squared error over squares about the mean.

    fvu = sum_rd (x_rd - y_rd)^2 / sum_rd (x_rd - mean_d)^2, mean over the given rows; no unit.
    The loss of Paulo & Belrose (2501.16615, code `sparsify`). 0 is perfect; the mean row alone gives 1.
    Sums are taken in float64. Raises ValueError where x does not vary or shapes differ.
    """
    if x.shape != reconstruction.shape:
        raise ValueError(
            f"fvu compares arrays of one shape, got {tuple(x.shape)} and {tuple(reconstruction.shape)}; "
            "give the reconstruction of the same rows"
        )
    x = x.double()
    spread = (x - x.mean(0)).square().sum()
    if not spread > 0:
        raise ValueError(f"fvu needs rows that vary, got {len(x)} equal rows; give more rows")
    return float((x - reconstruction.double()).square().sum() / spread)


def l0(latents: Latents) -> float:
    """Mean number of active (non-zero) latents per row; a number, not a fraction of the width."""
    return float((latents != 0).sum() / max(len(latents), 1))


class Firing(NamedTuple):
    """How often and how strongly each latent fires."""

    fired: Int[Tensor, "latent"]  # rows on which the latent is active
    frequency: Float[Tensor, "latent"]  # fired over rows
    mean: Float[Tensor, "latent"]  # mean activation over the rows on which it is active; 0 if none
    rows: int  # rows looked at
    live: int  # latents that fired at least once
    l0: float  # mean number of active latents per row

    @property
    def mass(self) -> Float[Tensor, "latent"]:
        """Share of all firings that each latent carries; sums to 1 unless nothing fires."""
        return self.fired.double() / self.fired.sum().clamp(min=1)


def firing(latents: Latents) -> Firing:
    """Counts, frequencies and strengths of every latent over the given rows.

    For more rows than fit, call it on blocks and `pool` the results. The counts of
    2501.16615 (post, Fig 3) are `fired`; its very rare latents have fewer than 100 in 1e7 rows.
    """
    active = latents != 0
    count = active.sum(0)
    total = latents.double().sum(0)
    return _firing(count, total, len(latents))


def pool(parts: list[Firing]) -> Firing:
    """One Firing for several blocks of rows of the same dictionary."""
    if not parts:
        raise ValueError("pool needs at least one block, got none; call firing on some rows first")
    count = torch.stack([part.fired for part in parts]).sum(0)
    total = torch.stack([part.mean * part.fired for part in parts]).sum(0)
    return _firing(count, total, sum(part.rows for part in parts))


def _firing(count: Tensor, total: Tensor, rows: int) -> Firing:
    mean = total / count.clamp(min=1)
    frequency = count.double() / max(rows, 1)
    return Firing(count, frequency, mean, rows, int((count > 0).sum()), float(frequency.sum()))


def spectrum(x: Rows) -> Float[Tensor, "d_model"]:
    """Eigenvalues of the covariance of the rows, largest first (float64; unit: squares of x)."""
    x = x.double()
    x = x - x.mean(0)
    return torch.linalg.eigvalsh(x.T @ x / max(len(x), 1)).flip(0).clamp(min=0)


def participation_ratio(x: Rows) -> float:
    """Number of directions that the variance is spread over: (sum l)^2 / sum l^2 of the spectrum.

    Between 1 and d_model; d_model for isotropic rows. Raises ValueError where x does not vary.
    """
    values = _varying(x)
    return float(values.sum() ** 2 / values.square().sum())


def effective_rank(x: Rows) -> float:
    """exp of the entropy of the normalised spectrum (Roy & Vetterli 2007): between 1 and d_model."""
    values = _varying(x)
    share = values / values.sum()
    return float(torch.exp(-torch.special.xlogy(share, share).sum()))


def _varying(x: Tensor) -> Tensor:
    values = spectrum(x)
    if not values.sum() > 0:
        raise ValueError(f"a spectrum needs rows that vary, got {len(x)} equal rows; give more rows")
    return values


def token_r2(x: Rows, token: Int[Tensor, "row"]) -> float:
    """Share of the variance of the rows that the token's identity explains.

    R2 = 1 - sum of squares about each token's mean / sum of squares about the mean. In-sample: with
    few rows per token it is flattered; its expectation without any relation is (tokens - 1)/(rows - 1).
    """
    if len(x) != len(token):
        raise ValueError(f"every row needs one token, got {len(x)} rows and {len(token)} tokens; align them")
    _, index, size = token.unique(return_inverse=True, return_counts=True)
    mean = x.new_zeros(len(size), x.shape[1], dtype=torch.float64).index_add_(0, index, x.double())
    return 1 - fvu(x, mean.div_(size[:, None])[index])
