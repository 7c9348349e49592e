"""Five-way multiple choice without a judge: do a latent's meta-latents tell which
latent it is?

Leask et al. (2502.04878, section 5.1) let a language model explain latents and
meta-latents and then pick a latent by the explanations of its meta-latents among five:
73 % right. Here the explanation is a statistic of tokens, so nothing has to be trusted:
what a meta-latent stands for is the sum of the statistics of *other* latents that use
it.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.measures.algebra.nearest import unit_rows
from saecore.shapes import Directions
from saecore.sparse import Active, row_of

_TILE = 32  # targets at a time

Statistics = Float[Tensor, "latent token"]


def token_statistics(
    active: Active, token: Int[Tensor, " row"], *, width: int, tokens: int
) -> Statistics:
    """Token statistics: the sum of each latent's activations over the rows of each
    token, [width, tokens].

    For many rows add up the results of blocks. `token` may be any label of a row.
    """
    if len(token) != len(active.crow) - 1:
        raise ValueError(
            f"every row needs one token, got {len(active.crow) - 1} rows and "
            f"{len(token)} tokens; align them"
        )
    place = active.latent.long() * tokens + token[row_of(active).long()].long()
    return (
        torch.zeros(width * tokens)
        .index_add_(0, place, active.value.float())
        .view(width, tokens)
    )


def tf_idf(statistics: Statistics) -> Statistics:
    """TF-IDF of latents as documents: each latent's shares of its tokens, times
    log(live latents / latents with the token); rows of norm 1.

    Tokens that every latent has say nothing and vanish. Latents without any activation
    stay zero.
    """
    total, having = statistics.sum(1, keepdim=True), (statistics > 0).sum(0)
    weighted = statistics / total.clamp(min=1e-30)
    weighted *= torch.log((total > 0).sum() / having.clamp(min=1))
    return weighted.div_(weighted.norm(dim=1, keepdim=True).clamp(min=1e-30))


class Choices(NamedTuple):
    """The outcome of a multiple choice, target by target."""

    target: Int[Tensor, " question"]
    """The latents that were asked for."""
    credit: Float[Tensor, " question"]
    """1 if the target scored highest alone, 1/t if it tied with t - 1 others at the
    top, else 0.
    """

    @property
    def accuracy(self) -> float:
        """Share right; 1 / number of candidates by chance."""
        return float(self.credit.double().mean())


def distractors(
    rows: Directions,
    target: Int[Tensor, " question"],
    among: Int[Tensor, " candidate"],
    *,
    count: int = 4,
) -> Int[Tensor, "question other"]:
    """Hard distractors of a multiple choice: the `count` latents of `among` whose
    decoder rows are nearest to the target's.
    """
    unit = unit_rows(rows)
    cosine = unit[target] @ unit[among].T
    cosine[target[:, None] == among[None]] = -torch.inf
    return among[cosine.topk(count, dim=1).indices]


def random_distractors(
    target: Int[Tensor, " question"],
    among: Int[Tensor, " candidate"],
    *,
    generator: Generator,
    count: int = 4,
) -> Int[Tensor, "question other"]:
    """Random distractors of a multiple choice: `count` other latents of `among` for
    each target, drawn without replacement, as the paper does.
    """
    keys = torch.rand(len(target), len(among), generator=generator)
    keys[target[:, None] == among[None]] = -1
    return among[keys.topk(count, dim=1).indices]


def multiple_choice(
    statistics: Statistics,
    uses: Float[Tensor, "latent meta"],
    target: Int[Tensor, " question"],
    others: Int[Tensor, "question other"],
    *,
    shown: Float[Tensor, "latent meta"] | None = None,
) -> Choices:
    """Multiple choice by token statistics: pick each target among itself and `others`
    by what its meta-latents stand for.

    `uses[i, m]` says how strongly latent i uses meta-latent m. The description of
    target l is sum_m shown[l, m] sum_j uses[j, m] s_j over all latents j but the
    candidates themselves (leaving out the target alone would favour distractors that
    share its meta-latents), and the candidate with the largest dot product with it
    wins; s_j are rows of `statistics`, of norm 1 or 0. `shown` are the activations
    whose meta-latents the chooser sees: `uses` itself, or, as the control, `uses`
    shuffled. Raises ValueError where shapes disagree.
    """
    if len(statistics) != len(uses) or (
        shown is not None and shown.shape != uses.shape
    ):
        raise ValueError(
            "statistics and meta-latents must speak of the same latents, got "
            f"{tuple(statistics.shape)}, {tuple(uses.shape)} and "
            f"{None if shown is None else tuple(shown.shape)}; use one SAE"
        )
    if len(target) != len(others) or bool((others == target[:, None]).any()):
        raise ValueError(
            "every target needs distractors other than itself, one row per target, but "
            f"{len(target)} targets came with {len(others)} rows: draw them again"
        )
    from scipy.sparse import csr_array

    shown = uses if shown is None else shown
    by_token, credit = csr_array(statistics.cpu().numpy()).T, []
    for one, rest in zip(target.split(_TILE), others.split(_TILE), strict=True):
        candidates = torch.cat([one[:, None], rest], 1)
        weight = (shown[one] @ uses.T).scatter_(1, candidates, 0)
        description = torch.as_tensor(by_token @ weight.T.cpu().numpy()).T.to(
            statistics
        )
        score = (statistics[candidates] @ description[:, :, None])[:, :, 0].double()
        best = score == score.amax(1, keepdim=True)
        credit.append(best[:, 0] / best.sum(1))
    return Choices(target, torch.cat(credit))


def shuffled_uses(
    uses: Float[Tensor, "latent meta"], *, generator: Generator
) -> Float[Tensor, "latent meta"]:
    """Shuffled control: the sets of meta-latents dealt out anew, so that every latent
    gets another one's.
    """
    order = torch.randperm(len(uses), generator=generator)
    dealt = torch.empty_like(order)
    dealt[order] = order.roll(1)  # one cycle: no latent keeps its own
    return uses[dealt.to(uses.device)]
