"""Mean matched cosine of two dictionaries: the PW-MCC of Song et al. (2505.20254).

It grades every latent where `matching` counts those above a threshold, so the two can
be far apart on the same SAEs: a latent at a cosine of 0.6 gives 0.6 here and 0 there.
"""

from typing import Literal, NamedTuple, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.algebra.nearest import same_space, unit_rows
from saecore.measures.seeds.matching import Matching
from saecore.shapes import LinearEncoder

CosineKind = Literal["decoder", "encoder", "decoder, signed", "encoder, signed"]
KINDS: tuple[CosineKind, ...] = get_args(CosineKind)


class MatchedCosines(NamedTuple):
    """Matched cosines of two dictionaries, latent by latent of the first."""

    decoder: Float[Tensor, "latent"]
    """|cosine| of decoder rows, matched one to one by |cosine|: the paper's."""
    encoder: Float[Tensor, "latent"]
    """The same of the encoders' columns."""
    decoder_signed: Float[Tensor, "latent"]
    """Cosine of decoder rows, matched by cosine: what `matching` compares with its
    threshold.
    """
    encoder_signed: Float[Tensor, "latent"]
    """The same of the encoders' columns."""

    def mean(self, kind: CosineKind = "decoder") -> float:
        """PW-MCC, or one of its variants: the mean over latents."""
        found = dict(zip(KINDS, self, strict=True))[kind]
        return float(found.double().mean())


def matched_cosines(
    a: LinearEncoder, b: LinearEncoder, matching: Matching
) -> MatchedCosines:
    """Mean correlation coefficient of two dictionaries (Song et al. 2505.20254), with
    and without the sign, by decoder and by encoder.

    PW-MCC = 1/m max_P sum_i |cos(a_i, b_P(i))|, P one to one; theirs is of the
    decoders. `matching` has the matching with the sign, which is the one of 2501.16615:
    there the mean is called alignment score. Exact, by SciPy's dense solver. Raises
    ValueError where the spaces differ.
    """
    return MatchedCosines(
        absolute_cosines(a.W_dec.detach(), b.W_dec.detach()),
        absolute_cosines(a.W_enc.detach().T, b.W_enc.detach().T),
        matching.cosine_dec,
        matching.cosine_enc,
    )


def absolute_cosines(
    rows: Float[Tensor, "row d_model"], others: Float[Tensor, "other d_model"]
) -> Float[Tensor, "row"]:
    """|cosine| of each row with its partner, in the one-to-one matching with the
    largest sum of them; 0 for a row that finds none left.
    """
    from scipy.optimize import linear_sum_assignment

    same_space(rows, others)
    cosines = (unit_rows(rows) @ unit_rows(others).T).abs().double().cpu()
    first, second = linear_sum_assignment(cosines.numpy(), maximize=True)
    found = torch.zeros(len(rows), dtype=torch.float64)
    found[torch.from_numpy(first)] = cosines[first, second]
    return found


def at_least(
    cosines: Float[Tensor, "latent"], thresholds: Float[Tensor, "threshold"]
) -> Float[Tensor, "threshold"]:
    """Share of the matched cosines that are at least each threshold.

    The mean of cosines in [0, 1] is the area under this curve from 0 to 1, and a share
    of shared latents is its height at one place.
    """
    return (cosines >= thresholds[:, None]).double().mean(1)
