"""What stands in for the effect of an inserted latent when there are no rows: cosines
of decoder rows.

Leask et al. (2502.04878, eq 6 and figure 13) call a latent novel if its largest cosine
with the small SAE's decoder rows is below a threshold (0.7 for GPT-2, 0.4 for Gemma
Scope, chosen by eye).
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from saecore.measures.algebra.classifier_scores import auroc
from saecore.measures.algebra.nearest import nearest, same_space, unit_rows
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.seeds.orphans import pieces
from saecore.shapes import Dictionary
from saecore.sparse import matrix


def max_cosine(
    small: Dictionary | Encoded, large: Dictionary | Encoded
) -> Float[Tensor, "latent"]:
    """Maximum cosine similarity (eq 6): per latent of `large`, its largest decoder
    cosine with `small`; dead rows of norm 0 get 0.
    """
    same_space(small.W_dec, large.W_dec)
    return nearest(unit_rows(large.W_dec), unit_rows(small.W_dec)).value[:, 0]


def pursuit_cosine(
    small: Dictionary | Encoded, large: Dictionary | Encoded, *, count: int
) -> Float[Tensor, "latent"]:
    """Orthogonal matching pursuit: length of each decoder row of `large` within the
    span of `count` rows of `small`, over its own length.

    Square root of `orphans.pieces`: the cosine between the row and its best sum of
    `count` rows. A latent that is a sum of a few small latents has a low largest cosine
    and is called novel by it; here it is not.
    """
    found = pieces(large.W_dec, small.W_dec, count=count).explained[:, -1]
    return found.clamp(min=0).sqrt()


def activation_cosines(small: Encoded, large: Encoded) -> Float[Tensor, "latent other"]:
    """Activation similarity of latents of two dictionaries on the same rows: the cosine
    of their activations (figure 8); 0 for dead ones.
    """
    rows = [
        matrix(one.active._replace(value=one.active.value.double()), one.width)
        for one in (small, large)
    ]
    product = torch.from_numpy((rows[0].T @ rows[1]).toarray())
    norms = [torch.from_numpy(one.power(2).sum(0)).sqrt() for one in rows]
    scale = norms[0][:, None] * norms[1]
    return torch.where(scale > 0, product / scale.clamp(min=1e-300), 0.0)


class Roc(NamedTuple):
    """How well a similarity tells which latents lower the error."""

    false: Float[Tensor, "threshold"]
    """Share of the other latents whose similarity is below."""
    true: Float[Tensor, "threshold"]
    """Share of the novel latents whose similarity is below."""
    threshold: Float[Tensor, "threshold"]
    """Similarity at and below which a latent is called novel."""
    auc: float
    """P(a novel latent has the lower similarity); nan if all latents are of one kind.
    """
    base: float
    """Share of novel latents: what the AUC hides."""


def roc(similarity: Float[Tensor, "latent"], novel: Bool[Tensor, "latent"]) -> Roc:
    """ROC of "similarity is low" as a sign of "novel", over live latents (figure
    13).
    """
    from sklearn.metrics import roc_curve

    truth, score = novel.cpu(), -similarity.double().cpu()
    share = float(truth.double().mean())
    if share in (0, 1) or not len(truth):
        none = torch.zeros(0, dtype=torch.float64)
        return Roc(none, none, none, float("nan"), share)
    false, true, threshold = map(
        torch.as_tensor, roc_curve(truth.numpy(), score.numpy())
    )
    return Roc(false, true, -threshold, float(auroc(score, truth)), share)


class ThresholdCalls(NamedTuple):
    """Calling latents novel by a threshold, judged on given latents."""

    threshold: float
    """Similarity at and below which a latent is called novel."""
    accuracy: float
    """Share of latents called rightly."""
    base: float
    """Accuracy of calling all latents what most of them are."""
    balanced: float
    """Mean of the shares called rightly among the novel and among the others; 1/2 is
    chance.
    """
    precision: float
    """Share of novel latents among those called novel; nan if none is called so."""
    recall: float
    """Share of the novel latents that are called novel."""


def threshold_calls(
    similarity: Float[Tensor, "latent"],
    novel: Bool[Tensor, "latent"],
    *,
    threshold: float,
) -> ThresholdCalls:
    """Accuracy, precision and recall of "similarity at most the threshold" for "novel".

    nan where there is nothing to divide by.
    """
    called, truth = similarity <= threshold, novel
    right = called == truth
    share = float(truth.double().mean())
    kinds = [float(right[kind].double().mean()) for kind in (truth, ~truth)]
    return ThresholdCalls(
        threshold,
        float(right.double().mean()),
        max(share, 1 - share),
        sum(kinds) / 2,
        float(truth[called].double().mean()),
        kinds[0],
    )


def transferred(
    similarity: Float[Tensor, "latent"],
    novel: Bool[Tensor, "latent"],
    *,
    generator: Generator,
) -> ThresholdCalls:
    """Youden's threshold (1950), with the largest true minus false share, on a random
    half of the latents, judged on the other half.

    The paper chooses its threshold by looking at all latents. Raises ValueError where
    the first half holds latents of one kind only.
    """
    order = torch.randperm(len(similarity), generator=generator).to(similarity.device)
    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    found = roc(similarity[first], novel[first])
    if not len(found.threshold):
        raise ValueError(
            f"a threshold is chosen between novel and other latents, got {len(first)} "
            f"of which a share of {found.base} is novel; give latents of both kinds"
        )
    best = int((found.true - found.false).argmax())
    return threshold_calls(
        similarity[second], novel[second], threshold=float(found.threshold[best])
    )
