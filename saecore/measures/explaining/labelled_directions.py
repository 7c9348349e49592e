"""What a direction that was told the labels tells: the supervised baseline of a latent
that stands for a label.

Wu et al. (2501.17148, AxBench) find that SAE latents do not reach such directions.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.measures.algebra.classifier_scores import agreement, agreement_of_counts
from saecore.shapes import Rows

RIDGE = 1e-3
"""Of the mean variance, added to each before solving."""


class SupervisedF1(NamedTuple):
    """F1 of each label, on rows that no direction or threshold was chosen on."""

    mean_difference: Float[Tensor, " label"]
    """By the difference of the mean rows with and without the label (DiffMean)."""
    least_squares: Float[Tensor, " label"]
    """By the direction that fits the label best by least squares: a linear probe."""


def supervised_f1(
    rows: Rows,
    known: Bool[Tensor, "row label"],
    others: Rows,
    known_there: Bool[Tensor, "other label"],
) -> SupervisedF1:
    """F1 of "the row lies beyond a threshold along the label's direction".

    Directions come from `rows`, and so do their thresholds, those of the largest F1
    there; judged on `others`. Raises ValueError where a label has no row, or all.
    """
    share = known.double().mean(0)
    if not bool(((share > 0) & (share < 1)).all()):
        raise ValueError(
            "a label needs rows with it and rows without, but some have none: leave "
            "those labels out"
        )
    mean = rows.mean(0)
    away = known.float().T @ (rows - mean) / known.sum(0)[:, None]
    spread = torch.cov(rows.T)
    ridge = RIDGE * spread.diagonal().mean() * torch.eye(len(spread))
    squares = torch.linalg.solve(spread + ridge, away.T).T
    return SupervisedF1(
        *(
            _judged((rows - mean) @ one.T, known, (others - mean) @ one.T, known_there)
            for one in (away, squares)
        )
    )


def _judged(
    seen: Tensor, known: Tensor, there: Tensor, known_there: Tensor
) -> Float[Tensor, " label"]:
    told = best_thresholds(seen.T, known.T)[:, None] <= there.T
    return agreement(told, known_there.T).f1


def best_thresholds(
    score: Float[Tensor, "label row"], known: Bool[Tensor, "label row"]
) -> Float[Tensor, " label"]:
    """The value from which on a row is called labelled, for the largest F1; the highest
    such on ties.
    """
    ordered, order = score.sort(dim=1, descending=True)
    hits = known.gather(1, order).cumsum(1)
    told = torch.arange(1, score.shape[1] + 1).expand_as(hits)
    last = torch.ones_like(known)  # a threshold cuts between different values only
    last[:, :-1] = ordered[:, 1:] < ordered[:, :-1]
    f1 = agreement_of_counts(hits, told, known.sum(1, keepdim=True)).f1
    best = torch.where(last, f1, -1.0).argmax(1)
    return ordered.gather(1, best[:, None])[:, 0]
