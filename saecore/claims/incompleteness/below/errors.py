"""Do narrow and wide SAEs fail on the same tokens?

After Engels et al. (2410.14670): if a wide SAE fails where a narrow one does, what
lacks there is in neither.
"""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from saecore.claims.incompleteness.held_out import HeldOut
from saecore.measures.dictionary.encoded import residual
from saecore.measures.stitching.error_agreement import (
    ErrorAgreement,
    error_agreement,
    log_error,
)


class TokenErrors(NamedTuple):
    """Errors per token of ReLU SAEs of several widths."""

    agreement: dict[tuple[int, int], ErrorAgreement]
    """By two widths, narrow first: seed 0 of one and seed 1 of the other."""
    narrowest: Float[Tensor, "row"]
    """Logarithm of the squared error of each token, seed 0."""
    widest: Float[Tensor, "row"]
    """The same of the widest, seed 1."""


def token_errors(held: HeldOut) -> TokenErrors:
    """Error correlation of every two widths; of equal widths, between two seeds: no two
    SAEs can be expected to agree more.
    """
    first, second = (
        {w: residual(held.seeds("relu", w)[seed], held.x) for w in held.widths}
        for seed in (0, 1)
    )
    agreement = {
        (u, v): error_agreement(first[u], second[v], held.x)
        for u in held.widths
        for v in held.widths
        if u <= v
    }
    narrow, wide = first[held.widths[0]], second[held.widths[-1]]
    return TokenErrors(agreement, log_error(narrow), log_error(wide))
