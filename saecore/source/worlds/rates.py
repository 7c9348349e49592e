"""How often features fire: Zipf probabilities, and what to draw so that exclusive
features keep their rates.

Features that exclude each other are drawn independently and then all but one of those
that fired are silenced, the survivor chosen uniformly (this is what
`sae_lens.synthetic.hierarchy_modifier` does with `mutually_exclusive_children`). So a
feature fires less often than it is drawn. sae_lens corrects for that to first order
(`Hierarchy.compute_probability_correction_factors`); here the correction is exact.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

_MOST_STEPS = 2000


def zipf(
    count: int, *, exponent: float, most: float, least: float
) -> Float[Tensor, " feature"]:
    """Probabilities that fall with rank from `most` to `least` as a shifted power law.

    p_r = least + (most - least) * (r^-s - count^-s) / (1 - count^-s) for ranks r =
    1..count and exponent s; a single feature gets `most`. The same numbers as
    `sae_lens.synthetic.zipfian_firing_probabilities` (tested), without the 500 MB that
    importing it costs.
    """
    ranks = torch.arange(1, count + 1, dtype=torch.float64)
    power = ranks**-exponent
    if count <= 1:
        return torch.full((count,), most)
    shape = (power - power[-1]) / (power[0] - power[-1])
    return (least + (most - least) * shape).float()


def kept_probability(drawn: Float[Tensor, " feature"]) -> Float[Tensor, " feature"]:
    """Probability that each of some mutually exclusive features fires and is the one
    that is kept.

    With independent draws q and a uniform choice among those that fired, feature i is
    kept with q_i E[1 / (1 + number of others)] = q_i * integral over t in [0, 1] of
    prod_{j != i} (1 - q_j + q_j t). The integrand is a polynomial, so Gauss-Legendre
    quadrature gives it exactly.
    """
    nodes, weights = np.polynomial.legendre.leggauss(len(drawn) // 2 + 1)
    t = torch.from_numpy((nodes + 1) / 2)
    q = drawn.double()
    factors = 1 - q[:, None] + q[:, None] * t  # [feature, node]
    below, above = factors.cumprod(0), factors.flip(0).cumprod(0).flip(0)
    one = torch.ones(1, len(t), dtype=torch.float64)
    others = torch.cat([one, below[:-1]]) * torch.cat([above[1:], one])
    return q * (others @ torch.from_numpy(weights / 2))


def drawn_probability(wanted: Float[Tensor, " feature"]) -> Float[Tensor, " feature"]:
    """The inverse of `kept_probability`: what to draw so that every feature is kept as
    often as wanted.

    The fixed point of q <- wanted / (kept(q) / q), which rises from q = wanted to the
    smallest solution.

    Raises ValueError if there is none: the wanted probabilities of exclusive features
    must add up to well below 1, because the draws are independent and so none of them
    fires in some rows.
    """
    drawn = wanted.double()
    for _ in range(_MOST_STEPS):
        if drawn.gt(1).any():
            break
        kept = kept_probability(drawn)
        if torch.allclose(kept, wanted.double(), rtol=1e-7, atol=0):
            return drawn
        drawn = wanted.double() * drawn / kept
    raise ValueError(
        "Probabilities of mutually exclusive features must leave room for rows in "
        "which none fires, but they "
        f"add up to {wanted.sum():.3g}: lower them."
    )
