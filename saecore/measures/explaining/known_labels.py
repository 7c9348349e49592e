"""What a latent stands for where labels are known: its best label, and the best latent
of every label.

The true version of an explanation's score. Pairs are chosen on one half of the rows and
judged on the other.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.classifier_scores import PairScores, pair_scores
from saecore.sparse import Active


class LabelPairs(NamedTuple):
    """Latents and labels paired: a partner for each of some latents (its best label) or
    labels (its best latent).
    """

    partner: Int[Tensor, " item"]
    """The label of the latent, or the latent of the label; the first on ties."""
    chosen_f1: Float[Tensor, " item"]
    """F1 of "the latent fires" for the label on the rows on which the pair was
    chosen.
    """
    f1: Float[Tensor, " item"]
    """The same on the other rows: what to report."""
    precision: Float[Tensor, " item"]
    """On the other rows, the share of the rows on which the latent fires that have the
    label.
    """
    recall: Float[Tensor, " item"]
    """On the other rows, the share of the label's rows on which the latent fires."""
    auroc: Float[Tensor, " item"]
    """On the other rows, P(the latent is stronger on a row with the label than on one
    without).
    """


class Meanings(NamedTuple):
    """Latents and labels paired in both directions."""

    of_latents: LabelPairs
    """For each latent its best label: is a latent about one thing? 0 where it does not
    fire.
    """
    of_labels: LabelPairs
    """For each label its best latent: is a thing covered by one latent?"""


def meanings(
    chosen_on: tuple[Active, Bool[Tensor, "row label"]],
    judged_on: tuple[Active, Bool[Tensor, "other other_label"]],
    *,
    width: int,
) -> Meanings:
    """The best label of every latent, and the best latent of every label, by F1 of "it
    fires".

    The best of many pairs is flattered by chance, so it is chosen on the first rows and
    judged on the second. Firing alone counts: no threshold is fitted. Raises ValueError
    where the labels of the halves differ in number, there are none, or rows do not
    align.
    """
    labels = chosen_on[1].shape[1]
    if not labels or labels != judged_on[1].shape[1]:
        raise ValueError(
            f"both halves need the same labels, at least one, got {labels} and "
            f"{judged_on[1].shape[1]}: give one column per label in both"
        )
    first, second = (
        pair_scores(active, known, width=width)
        for active, known in (chosen_on, judged_on)
    )
    each, label = torch.arange(width), torch.arange(labels)
    best_label, best_latent = first.fires_f1.argmax(1), first.fires_f1.argmax(0)
    return Meanings(
        _pairs(best_label, first, second, (each, best_label)),
        _pairs(best_latent, first, second, (best_latent, label)),
    )


def _pairs(
    partner: Tensor, first: PairScores, second: PairScores, at: tuple[Tensor, Tensor]
) -> LabelPairs:
    judged = (
        second.fires_f1,
        second.fires_precision,
        second.fires_recall,
        second.auroc,
    )
    return LabelPairs(partner, first.fires_f1[at], *(score[at] for score in judged))
