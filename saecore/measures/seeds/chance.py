"""Nulls of sharing: what chance gives between two dictionaries, in shares and in
cosines.
"""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.dictionary.nulls import KINDS
from saecore.measures.seeds.matching import shared
from saecore.shapes import LinearEncoder


def shares(
    a: LinearEncoder,
    b: LinearEncoder,
    *,
    generator: Generator,
    threshold: float,
) -> dict[str, float]:
    """Share of the latents of a that are shared with each kind of null made of b.

    One draw of each; what trained dictionaries share is to be read beside the largest.
    """
    made = {name: make(b, generator=generator) for name, make in KINDS.items()}
    return {k: quick_share(a, null, threshold=threshold) for k, null in made.items()}


def quick_share(a: LinearEncoder, b: LinearEncoder, *, threshold: float) -> float:
    """Share of shared latents, as `shared(a, b).share()` gives it, for dictionaries
    that may share none.

    Where no cosine of the decoders, or none of the encoders, reaches the threshold,
    nothing can be shared, and no matching is solved.
    """
    sides = ((a.W_dec, b.W_dec), (a.W_enc.T, b.W_enc.T))
    if any(_largest(*side) < threshold for side in sides):
        return 0.0
    return shared(a, b, threshold=threshold).share()


def _largest(rows: Tensor, others: Tensor) -> float:
    return float(
        nearest(unit_rows(rows.detach()), unit_rows(others.detach())).value.max()
    )


def cosine_p_value(cosine: Float[Tensor, "..."], d_model: int) -> Float[Tensor, "..."]:
    """One-sided p-value of a cosine: P(cos >= c) of two independent isotropic
    directions in R^d.

    (1 + cos)/2 is Beta((d - 1)/2, (d - 1)/2). float64. For one latent
    against m others: 1 - (1 - p)^m.
    """
    from scipy.special import betainc

    half = (_dimension(d_model) - 1) / 2
    other = ((1 - cosine.double()) / 2).clamp(0, 1).cpu()
    return torch.as_tensor(
        betainc(half, half, other.numpy()), dtype=torch.float64
    ).reshape(cosine.shape)


def expected_max_cosine(width: int, d_model: int) -> float:
    """Expected maximum of `width` cosines: one direction with as many independent
    isotropic ones.

    E max = integral over [-1, 1] of c dF(c)^m = 1 - integral of F(c)^m, F the Beta law
    of `cosine_p_value`; trapezoid rule on 20,001 points. Raises ValueError for fewer
    than 2 dimensions.
    """
    c = torch.linspace(-1, 1, 20001, dtype=torch.float64)
    below = torch.log1p(-cosine_p_value(c, d_model)).mul(width).exp()
    return float(1 - torch.trapezoid(below, c))


def _dimension(d_model: int) -> int:
    if d_model < 2:
        raise ValueError(
            f"a distribution of cosines needs at least 2 dimensions, got {d_model}"
        )
    return d_model
