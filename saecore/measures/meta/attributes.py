"""What meta-latents stand for, by labels that are known: the best one for each label,
against its permuted null.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.measures.algebra.classifier_scores import (
    Agreement,
    agreement_of_counts,
    auroc_of_rank_sums,
    midranks,
)
from saecore.sparse import Active, row_of

LABEL_DRAWS = 200
HALVES = 10
"""Random halves of the items."""


class BestOf(NamedTuple):
    """The best meta-latent of each label, and how good the best is by chance."""

    meta: Int[Tensor, " label"]
    """Which meta-latent separates the items with the label from the others best."""
    auc: Float[Tensor, " label"]
    """P(it is more active on an item with the label than on one without), ties one
    half.
    """
    null: Float[Tensor, " label"]
    """Mean AUC of the best meta-latent after the items were dealt other items'
    labels.
    """
    p: Float[Tensor, " label"]
    """Share of draws that reach the AUC, the true labels counted as one: (1 + draws
    above) / (1 + draws).
    """


def best_of(
    score: Float[Tensor, "item meta"],
    label: Bool[Tensor, "item label"],
    *,
    generator: Generator,
    draws: int = LABEL_DRAWS,
) -> BestOf:
    """Best AUROC of each label over meta-latents, beside its permutation null: the best
    of as many that say nothing.

    The largest of M AUCs is well above one half by chance (worlds with 64 meta-latents:
    .57 to .67), so a best AUC means nothing without this null: whole items exchange
    their labels, which keeps the labels' sizes and their relations. NaN for a label
    that all or no items have. Raises ValueError where items differ in number.
    """
    if len(score) != len(label):
        raise ValueError(
            f"every item needs its labels, got {len(score)} items and {len(label)} "
            "rows of labels; align them"
        )
    ranks = midranks(score.T)
    auc, meta = _aucs(ranks, label).max(1)
    orders = (torch.randperm(len(label), generator=generator) for _ in range(draws))
    chance = torch.stack([_aucs(ranks, label[order]).amax(1) for order in orders])
    reached = (chance >= auc - 1e-12).sum(0)
    return BestOf(
        meta,
        auc,
        chance.mean(0),
        (1 + reached) / (1 + draws),
    )


def _aucs(
    ranks: Float[Tensor, "meta item"], label: Bool[Tensor, "item label"]
) -> Float[Tensor, "label meta"]:
    """AUROC of every meta-latent for every label, all at once from their ranks."""
    sums = label.double().T @ ranks.T
    return auroc_of_rank_sums(sums, label.sum(0)[:, None], cases=len(label))


class CrossFitted(NamedTuple):
    """AUC of the best meta-latent of each label on items that did not choose it."""

    auc: Float[Tensor, " label"]
    """Mean over random halves, each judged by the other's choice; NaN for a label that
    a half lacks.
    """
    null: Float[Tensor, " label"]
    """The same after the items were dealt other items' labels."""


def cross_fitted_auc(
    score: Float[Tensor, "item meta"],
    label: Bool[Tensor, "item label"],
    *,
    generator: Generator,
    draws: int = HALVES,
) -> CrossFitted:
    """Cross-fitted AUROC of the best meta-latent of each label: chosen on one half of
    the items, judged on the other, both ways, for `draws` random halves.

    The best of many is flattered on the items that chose it; on others it is not, so
    one half is chance. The null deals labels anew for every draw.
    """
    if len(score) != len(label):
        raise ValueError(
            f"every item needs its labels, got {len(score)} items and {len(label)} "
            "rows of labels; align them"
        )
    size, found = len(label), []
    for _ in range(draws):
        order, dealt = (torch.randperm(size, generator=generator) for _ in range(2))
        halves = order[: size // 2], order[size // 2 :]
        for chosen, judged in (halves, halves[::-1]):
            both = (label, label[dealt])
            found.append(
                torch.stack([_judged(score, one, chosen, judged) for one in both])
            )
    auc, null = torch.stack(found).nanmean(0)
    return CrossFitted(auc, null)


def _judged(score: Tensor, label: Tensor, chosen: Tensor, judged: Tensor) -> Tensor:
    """AUC on the second half of the meta-latents that are best on the first."""
    first, second = (
        _aucs(midranks(score[part].T), label[part]) for part in (chosen, judged)
    )
    best = first.nan_to_num(0).argmax(1, keepdim=True)
    told = second.gather(1, best)[:, 0]
    return torch.where(first[:, 0].isnan(), torch.nan, told)


class Detector(NamedTuple):
    """The best latent for each class of rows; see `own_latent`."""

    latent: Int[Tensor, " class"]
    """The latent with the highest F1 on the rows that it was chosen on."""
    f1: Float[Tensor, " class"]
    """Harmonic mean of the next two, on the other rows."""
    precision: Float[Tensor, " class"]
    """Share of the rows on which it is active that belong to the class."""
    recall: Float[Tensor, " class"]
    """Share of the class's rows on which it is active."""


def own_latent(
    active: Active,
    of: Int[Tensor, " row"],
    *,
    width: int,
    classes: int,
    choose: Bool[Tensor, " row"],
) -> Detector:
    """Best latent by F1 of each class of rows (an entity, say): the one that fires on
    it and on nothing else, as far as any does.

    `of` is each row's class, -1 for rows of none. The latent is chosen by F1 on the
    rows in `choose` and judged on the others, so the best of many is not flattered.
    Raises ValueError where the numbers of rows differ.
    """
    rows = len(active.crow) - 1
    if not rows == len(of) == len(choose):
        raise ValueError(
            "one class and one flag per row are needed, got "
            f"{rows}, {len(of)}, {len(choose)}; align them"
        )
    chosen, judged = (
        _scores(active, of, keep, width, classes) for keep in (choose, ~choose)
    )
    latent = chosen.f1.argmax(1)
    return Detector(
        latent, *(score.gather(1, latent[:, None])[:, 0] for score in judged)
    )


def _scores(
    active: Active, of: Tensor, keep: Tensor, width: int, classes: int
) -> Agreement:
    """F1, precision and recall of every latent for every class, over the rows that are
    kept.
    """
    place = torch.where(of < 0, classes, of).long()  # rows of no class come last
    entry = row_of(active).long()
    cell = (place[entry] * width + active.latent.long())[keep[entry]]
    both = torch.bincount(cell, minlength=(classes + 1) * width)
    both = both.view(classes + 1, width)
    rows = torch.bincount(place[keep], minlength=classes + 1)
    return agreement_of_counts(both[:classes], both.sum(0), rows[:classes, None])


def labels(
    values: Int[Tensor, "item group"], *, least: int
) -> Bool[Tensor, "item label"]:
    """One-vs-rest labels: one per value of each attribute that at least `least` items
    have and as many lack.
    """
    every = [
        column == value for column in values.unbind(1) for value in column.unique()
    ]
    kept = [label for label in every if least <= int(label.sum()) <= len(label) - least]
    return (
        torch.stack(kept, 1) if kept else torch.zeros(len(values), 0, dtype=torch.bool)
    )
