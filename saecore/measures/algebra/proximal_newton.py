"""Proximal Newton steps of an L1-penalised logistic regression, many labels at once."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

SLACK = 0.01
"""A latent outside the working set may break its optimality condition by this share."""


class WorkingSets(NamedTuple):
    """Working sets: the activations of the latents that each label of a group may use,
    dense, and the weight of each row.
    """

    x: Float[Tensor, "label row column"]
    y: Float[Tensor, "label row 1"]
    importance: Float[Tensor, "label row problem"]
    used: list[int]
    """Number of columns in use, label by label; they come first."""


def row_weights(y: ndarray, taught: ndarray) -> ndarray:
    """Weights of rows, s_i / number of rows, [label, row, problem]: s_i balances the
    rows with and without a label; 0 for rows that do not teach.

    Raises ValueError where a label is on all or none of the rows that teach a problem.
    """
    rows = taught.sum(1)[:, None]
    positive = taught.astype(np.int64) @ y.astype(np.int64)
    if not ((positive > 0) & (positive < rows)).all():
        bad = int(np.argwhere((positive == 0) | (positive == rows))[0, 1])
        raise ValueError(
            "every label must be on some and not all of the teaching rows, label "
            f"{bad} is not; drop it"
        )
    odds = ((rows - positive) / positive).T
    weight = np.where(y.T[:, :, None], odds[:, None, :], 1.0) / rows[:, 0]
    return weight * taught.T


def logits_of(table: WorkingSets, weight: ndarray, bias: ndarray) -> Tensor:
    """Logits x w + b of all rows, [label, row, problem]."""
    w = torch.from_numpy(weight).float().transpose(1, 2)
    return torch.baddbmm(torch.from_numpy(bias).float()[:, None, :], table.x, w)


def _objective(
    table: WorkingSets, logit: Tensor, weight: ndarray, penalty: float
) -> ndarray:
    """mean s BCE + penalty |w|_1, [label, problem]."""
    loss = torch.nn.functional.softplus(logit) - table.y * logit
    return (table.importance * loss).sum(1).double().numpy() + penalty * np.abs(
        weight
    ).sum(2)


def proximal_newton(
    table: WorkingSets,
    weight: ndarray,
    bias: ndarray,
    penalty: float,
    *,
    most: int = 30,
    tolerance: float = 1e-5,
) -> tuple[ndarray, ndarray]:
    """Proximal Newton's method: weights and biases after steps to the minimum of a
    quadratic model of the loss plus the L1 penalty, halved where they are too long.

    It ends when no label's objective falls by `tolerance` of itself, or after `most`
    steps.
    """
    logit = logits_of(table, weight, bias)
    value = _objective(table, logit, weight, penalty)
    for _ in range(most):
        move, shift = _direction(table, logit, weight, penalty)
        step, tried, reached = np.ones_like(value), (weight, bias), value
        for _ in range(10):
            tried = weight + step[:, :, None] * move, bias + step * shift
            logit = logits_of(table, *tried)
            reached = _objective(table, logit, tried[0], penalty)
            longer = reached > value + 1e-6 * value
            if not longer.any():
                break
            step = np.where(longer, step / 2, step)
        gain = value - reached
        weight, bias, value = *tried, reached
        if (gain < tolerance * value).all():
            break
    return weight, bias


def _direction(
    table: WorkingSets, logit: Tensor, weight: ndarray, penalty: float
) -> tuple[ndarray, ndarray]:
    """To the minimum of the quadratic model with the penalty; the bias is eliminated
    from it.
    """
    p = logit.sigmoid()
    residual, curvature = (
        table.importance * (p - table.y),
        table.importance * p * (1 - p),
    )
    square, mixed, slope, offset, total = (
        t.double().numpy()
        for t in (
            *_products(table, curvature, residual),
            residual.sum(1),
            curvature.sum(1).clamp_min(1e-12),
        )
    )
    square = square - mixed[..., :, None] * mixed[..., None, :] / total[..., None, None]
    slope = slope - mixed * (offset / total)[..., None]
    target = _lasso(square, slope, weight, penalty)
    move = target - weight
    return move, -(offset + (mixed * move).sum(-1)) / total


def _products(
    table: WorkingSets, curvature: Tensor, residual: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """X' diag(curvature) X, X' curvature and X' residual; label by label, so that X
    stays in the cache.
    """
    labels, _, columns = table.x.shape
    problems = curvature.shape[2]
    square = curvature.new_zeros(labels, problems, columns, columns)
    mixed, slope = (curvature.new_zeros(labels, problems, columns) for _ in range(2))
    for label, count in enumerate(table.used):
        x, h = table.x[label, :, :count], curvature[label]
        weighted = (h[:, :, None] * x[:, None, :]).flatten(1)
        product = x.T @ torch.cat([weighted, h, residual[label]], 1)
        inside, mix, pull = product.split([problems * count, problems, problems], 1)
        square[label, :, :count, :count] = inside.view(
            count, problems, count
        ).transpose(0, 1)
        mixed[label, :, :count], slope[label, :, :count] = mix.T, pull.T
    return square, mixed, slope


def _lasso(
    square: ndarray,
    slope: ndarray,
    weight: ndarray,
    penalty: float,
    *,
    sweeps: int = 100,
) -> ndarray:
    """argmin_v slope (v - w) + (v - w) square (v - w) / 2 + penalty |v|_1, by
    coordinate descent, batched.

    The batch is the last axis here, so that what one coordinate does to all problems
    lies together.
    """
    columns = weight.shape[-1]
    v, slope = (x.reshape(-1, columns).T.copy() for x in (weight, slope))
    square = square.reshape(-1, columns, columns).transpose(1, 2, 0).copy()
    diagonal = np.maximum(np.diagonal(square).T, 1e-12)
    moved = np.zeros_like(v)
    used = np.flatnonzero((diagonal > 1e-12).any(1))
    for _ in range(sweeps):
        for j in used:
            pull = diagonal[j] * v[j] - slope[j]
            new = (pull - np.minimum(np.maximum(pull, -penalty), penalty)) / diagonal[j]
            moved[j] = new - v[j]
            v[j] = new
            slope += square[j] * moved[j]
        if np.abs(moved * diagonal).max() < 1e-4 * penalty:
            break
    return v.T.reshape(weight.shape)
