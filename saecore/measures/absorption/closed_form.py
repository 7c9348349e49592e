"""The closed-form family of absorption: a share delta of the parent moves into the
child's latent.

Two orthonormal features, the parent f1 and the child f2, and two latents (Chanin et al.
2409.14507, appendix A.2): for delta in [0, 1]

    encoder rows  e1 = f1 - delta f2,  e2 = f2;    decoder rows  d1 = f1,  d2 = f2 +
    delta f1.

The reconstruction is exact for every delta while the child never fires without its
parent, and the sparsity penalty falls with delta: absorption is not a failure of the
optimisation, it is what is asked for. p11, p10 and p01 are the probabilities of both,
of the parent alone and of the child alone. A latent's activation on a row is 1 wherever
nothing else is said, so `penalty` (lambda) enters the optimum but shrinks no
activation.

The paper proves the case p01 = 0 with the penalty sum z. What follows for p01 > 0, for
the penalty that is weighted by decoder norms (as trainers do it) and for an encoder
with a bias is derived here.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.dictionary.nulls import Weights
from saecore.shapes import Dictionary

Form = Literal["plain", "norms", "bias"]
"""What is minimised: see `objective_of`."""
GRID = 20_001


def family(
    delta: float, parent: Float[Tensor, " d_model"], child: Float[Tensor, " d_model"]
) -> Weights:
    """The two latents of the family as a dictionary (ReLU, no biases); `parent` and
    `child` orthonormal.

    Raises ValueError for a delta outside [0, 1].
    """
    if not 0 <= delta <= 1:
        raise ValueError(
            f"delta is the share that is absorbed, in [0, 1], not {delta}: cut it"
        )
    encoder = torch.stack([parent - delta * child, child], dim=1)
    return Weights(encoder, torch.stack([parent, child + delta * parent]))


def l1(delta: Tensor | float, *, p11: float, p10: float, p01: float = 0.0) -> Tensor:
    """Expected sum of activations: p11 (2 - delta) + p10 + p01 (appendix A.2 for p01 =
    0).
    """
    return p11 * (2 - _tensor(delta)) + p10 + p01


def weighted_l1(
    delta: Tensor | float,
    *,
    p11: float,
    p10: float,
    p01: float = 0.0,
    child: float = 1.0,
) -> Tensor:
    """Expected sum of activation times norm: p11 [(1 - delta) + n] + p10 + p01 n, n =
    sqrt(1 + delta^2).

    It falls all the way to delta = 1 too, where absorption saves 2 - sqrt(2) = 0.59 p11
    instead of p11. With a `child` of magnitude b beside a parent of 1, the family's
    second decoder is f2 + (delta / b) f1 and n = sqrt(b^2 + delta^2): absorption saves
    1 + b - sqrt(1 + b^2), which is above 0 for every b.
    """
    delta = _tensor(delta)
    norm = (child**2 + delta.square()).sqrt()
    return p11 * (1 - delta + norm) + p10 + p01 * norm


def expected_l0(
    delta: Tensor | float, *, p11: float, p10: float, p01: float = 0.0
) -> Tensor:
    """Expected number of active latents: 2 p11 + p10 + p01, and p11 less at delta = 1
    alone.

    An objective in L0 (TopK, JumpReLU) has no slope that leads to absorption; it pays
    for all of it or nothing.
    """
    return torch.where(_tensor(delta) < 1, 2 * p11 + p10 + p01, p11 + p10 + p01)


def objective_of(
    delta: Tensor | float,
    *,
    p11: float,
    p10: float,
    p01: float,
    penalty: float,
    form: Form = "plain",
) -> Tensor:
    """Expected squared error + penalty * sparsity of the family.

    plain   lambda l1 + p01 delta^2: the child alone is rebuilt with delta of its parent
    too much norms   lambda weighted_l1 + p01 delta^2: the penalty weighted by decoder
    norms bias    the same, but the child's latent may answer z < 1 when the child is
    alone (encoder f2 + (1 - z) f1 with
            bias z - 1 does that, and changes nothing else). Its best z = (1 - lambda n
            / 2) / n^2 leaves p01 [1 - (1/n - lambda/2)^2] of error and penalty
            together.
    """
    delta = _tensor(delta)
    if form == "plain":
        return penalty * l1(delta, p11=p11, p10=p10, p01=p01) + p01 * delta.square()
    if form == "norms":
        return (
            penalty * weighted_l1(delta, p11=p11, p10=p10, p01=p01)
            + p01 * delta.square()
        )
    if form != "bias":
        raise ValueError(
            f"form must be plain, norms or bias, not {form!r}: check the spelling"
        )
    alone = 1 - (1 / _norm(delta) - penalty / 2).clamp(min=0).square()
    return penalty * weighted_l1(delta, p11=p11, p10=p10) + p01 * alone


def best_delta(
    *, p11: float, p01: float, penalty: float, form: Form = "plain"
) -> float:
    """The delta in [0, 1] that minimises `objective_of`.

    plain: min(1, lambda p11 / (2 p01)), exact. Others: the least of a grid with steps
    of 1/20,000, as the objective need not be convex. 1 where p01 = 0: a hierarchy is
    absorbed wholly, whatever the penalty > 0. Raises ValueError unless penalty > 0 and
    p11 > 0.
    """
    if penalty <= 0 or p11 <= 0 or p01 < 0:
        raise ValueError(
            "an optimum needs penalty > 0, p11 > 0 and p01 >= 0, but got "
            f"penalty={penalty}, p11={p11}, p01={p01}: without them every delta is as "
            "good"
        )
    if form == "plain":
        return 1.0 if p01 == 0 else min(1.0, penalty * p11 / (2 * p01))
    delta = torch.linspace(0, 1, GRID, dtype=torch.float64)
    found = objective_of(delta, p11=p11, p10=0.0, p01=p01, penalty=penalty, form=form)
    return float(delta[found.argmin()])


def closed_form_objective(
    dictionary: Dictionary,
    rows: Float[Tensor, "row d_model"],
    probability: Float[Tensor, " row"],
    *,
    penalty: float,
) -> float:
    """Expected squared error + penalty * sum of activation times decoder norm, of any
    dictionary, in float64.

    `probability` says how often each row comes (1 / number of rows for a sample).
    """
    latents = dictionary.encode(rows)
    error = (dictionary.decode(latents) - rows).double().square().sum(1)
    sparsity = latents.double() @ dictionary.W_dec.double().norm(dim=1)
    return float(probability.double() @ (error + penalty * sparsity))


def _norm(delta: Tensor) -> Tensor:
    return (1 + delta.square()).sqrt()


def _tensor(delta: Tensor | float) -> Tensor:
    return (
        delta if isinstance(delta, Tensor) else torch.tensor(delta, dtype=torch.float64)
    )
