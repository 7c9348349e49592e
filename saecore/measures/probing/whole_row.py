"""What a probe on whole rows tells: the line that probes on latents are to be read
beside.

Kantamneni et al. (2502.16681): sparse probes on SAE latents seldom beat a dense probe.
Wu et al. (2501.17148, AxBench): the difference of two means is a strong baseline, too.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.probing.downstream import class_probes
from saecore.shapes import Rows


def dense_probe(
    x: Rows, label: Int[Tensor, " row"], fold: Int[Tensor, " row"]
) -> Bool[Tensor, "row class"]:
    """Dense probe: for each class the decisions of a balanced logistic regression on
    all coordinates, fitted on the rows of the other folds.

    The probe of `class_probes`. Raises ValueError as it does.
    """
    said = torch.zeros(len(x), int(label.max()) + 1, dtype=torch.bool)
    for judge in fold.unique():
        probes = class_probes(x, label, fold != judge)
        logit = x.double().cpu() @ probes.weight.T + probes.bias
        said[fold == judge] = logit[fold == judge] > 0
    return said


def mean_difference_probe(
    x: Rows, label: Int[Tensor, " row"], fold: Int[Tensor, " row"]
) -> Bool[Tensor, "row class"]:
    """Mean-difference probe: for each class the decisions "nearer to its mean than to
    that of all other rows, along the line between them", on means of the other folds.

    Raises ValueError where a class, or its complement, is missing there.
    """
    rows, classes = x.double().cpu(), int(label.max()) + 1
    of_class = torch.nn.functional.one_hot(label.long(), classes).bool()
    said = torch.zeros(len(x), classes, dtype=torch.bool)
    for judge in fold.unique():
        fit = (fold != judge)[:, None]
        means = [_means(rows, fit & kind) for kind in (of_class, ~of_class)]
        along, middle = means[0] - means[1], (means[0] + means[1]) / 2
        score = rows @ along.T - (along * middle).sum(1)
        said[fold == judge] = score[fold == judge] > 0
    return said


def balanced_shares(
    said: Bool[Tensor, "row class"], labels: Bool[Tensor, "row class"]
) -> Float[Tensor, "row"]:
    """Balanced accuracy, row by row: numbers whose mean over rows is the mean over
    classes of the balanced accuracy, and that differ from it by what the row adds.

    A row is right or wrong against the mean of its own kind (with the class, or
    without), so that nothing varies where all rows are told rightly. Rows can then be
    resampled or crossed with seeds.
    """
    right = (said == labels).double()
    with_class, without = (
        (right * kind).sum(0) / kind.sum(0) for kind in (labels, ~labels)
    )
    own = torch.where(labels, with_class, without)
    rare = torch.where(labels, labels.double().mean(0), (~labels).double().mean(0))
    return (with_class + without).mean() / 2 + ((right - own) / (2 * rare)).mean(1)


def _means(
    rows: Float[Tensor, "row d_model"], kind: Bool[Tensor, "row class"]
) -> Float[Tensor, "class d_model"]:
    count = kind.sum(0)
    if (count == 0).any():
        raise ValueError(
            "the mean of a class, and of all other rows, needs rows in every fold's "
            f"complement, got {count.tolist()} by class: drop rare classes, or take "
            "fewer folds"
        )
    return kind.double().T @ rows / count[:, None]
