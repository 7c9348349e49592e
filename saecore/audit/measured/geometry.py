"""What the weights say by themselves: how near the nearest row of the decoder is, and
how far encoder and decoder of a latent point the same way.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.audit.measured.pairs import null_shards, sampled
from saecore.audit.numbers import AuditNumber, Null, as_null, number
from saecore.audit.weights import AuditedWeights
from saecore.measures.absorption.metrics import asymmetry
from saecore.measures.algebra.intervals import Interval, bootstrap
from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.seeds.mutual import RowShards

_LOOKED_AT = 4096
"""Latents whose nearest row is looked for, at most."""
_OVER = "bootstrap over latents"


def own_weights(one: AuditedWeights, *, level: float) -> list[AuditNumber]:
    """Nearest neighbours within the decoder (median cosine), the cosine of encoder and
    decoder of a latent, and dead rows.

    Nulls: Gaussian rows of the decoder's mean and covariance; the encoder of another
    latent.
    """
    some = sampled(one.width, _LOOKED_AT)
    numbers = [_nearest(one, some, level)]
    if one.encoder is not None:
        numbers.append(_both_sides(one, some, level))
    silent = sum(int((rows.norm(dim=1) == 0).sum()) for _, rows in one.decoder.blocks())
    says = "decoder rows of norm 0: latents that do nothing"
    return [*numbers, number("weights", "empty rows", one.name, silent, says=says)]


def _nearest(
    one: AuditedWeights, some: Int[Tensor, " latent"], level: float
) -> AuditNumber:
    made = null_shards("same covariance", one.decoder, one.decoder)[0]
    draw = torch.Generator().manual_seed(0)

    def median(rows: RowShards) -> Interval:
        return bootstrap(
            nearest_other(rows, some),
            generator=draw,
            statistic=lambda x: x.double().median(),
            level=level,
        )

    null = as_null(median(made), "Gaussian rows of the same mean and covariance")
    return number(
        "weights", "nearest row", one.name, median(one.decoder), over=_OVER, null=null,
        says="median cosine of a decoder row with the nearest other row",
    )  # fmt: skip


def nearest_other(
    rows: RowShards, some: Int[Tensor, " latent"]
) -> Float[Tensor, " latent"]:
    """Cosine of each chosen row with the nearest other row."""
    asked = unit_rows(rows.some(some))
    parts = [
        nearest(asked, others, count=min(2, len(others))).value
        for _, others in rows.blocks()
    ]
    return torch.cat(parts, 1).topk(2, dim=1).values[:, 1]


def _both_sides(
    one: AuditedWeights, some: Int[Tensor, " latent"], level: float
) -> AuditNumber:
    assert one.encoder is not None
    decoder, encoder = one.decoder.some(some), one.encoder.some(some)
    cosine = 1 - asymmetry(encoder.T, decoder)
    chance = float((1 - asymmetry(encoder.roll(1, 0).T, decoder)).mean())
    draw = torch.Generator().manual_seed(0)
    return number(
        "weights", "encoder and decoder", one.name,
        bootstrap(cosine, generator=draw, level=level), over=_OVER,
        null=Null(chance, "the encoder of another latent"),
        says="mean cosine of a latent's encoder and decoder; absorption makes a "
        "parent's encoder avoid its children (Chanin et al. 2024, section 7)",
    )  # fmt: skip
