"""Many small logistic regressions at once, each on rows and row weights of its own."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray


def logistic(
    x: Float[ndarray, "problem row column"],
    positive: Float[ndarray, "problem row"],
    negative: Float[ndarray, "problem row"],
    *,
    l2: float,
    start: Float[ndarray, "problem coefficient"] | None = None,
    tolerance: float = 1e-6,
) -> Float[ndarray, "problem coefficient"]:
    """Logistic regressions with an L2 penalty, many small ones at once: weights and,
    last, the bias of each, argmin of loss(z) + l2 |w|^2 / 2 with z = x w + b.

    loss(z) = sum_i positive_i softplus(-z_i) + negative_i softplus(z_i): a row counts
    as `positive_i` rows with the label and `negative_i` rows without. scikit-learn's
    LogisticRegression with C = 1 / l2, by Newton's method with halved steps; ends after
    a step that promised less than `tolerance` of the loss (the next would promise about
    the square of that).
    """
    x = np.concatenate([x, np.ones((*x.shape[:2], 1))], 2)
    ridge = np.append(np.full(x.shape[2] - 1, l2), 0.0)
    coefficient = np.zeros((len(x), x.shape[2])) if start is None else start
    logit = np.matmul(x, coefficient[:, :, None])[:, :, 0]
    value = _loss(logit, positive, negative) + (ridge * coefficient**2).sum(1) / 2
    for _ in range(50):
        move, promise = _newton(x, logit, coefficient, positive, negative, ridge)
        step, along = np.ones(len(x)), np.matmul(x, move[:, :, None])[:, :, 0]
        tried, reached_logit, reached = coefficient, logit, value
        for _ in range(30):
            tried, reached_logit = (
                coefficient + step[:, None] * move,
                logit + step[:, None] * along,
            )
            reached = (
                _loss(reached_logit, positive, negative) + (ridge * tried**2).sum(1) / 2
            )
            longer = reached > value * (1 + 1e-12)
            if not longer.any():
                break
            step = np.where(longer, step / 2, step)
        coefficient, logit, value = tried, reached_logit, reached
        if (promise <= tolerance * (1 + value)).all():
            break
    return coefficient


def _loss(logit: ndarray, positive: ndarray, negative: ndarray) -> ndarray:
    softplus = np.maximum(logit, 0) + np.log(1 + np.exp(-np.abs(logit)))
    return ((positive + negative) * softplus - positive * logit).sum(1)


def _newton(
    x: ndarray,
    logit: ndarray,
    coefficient: ndarray,
    positive: ndarray,
    negative: ndarray,
    ridge: ndarray,
) -> tuple[ndarray, ndarray]:
    """The Newton step of each problem, and the fall of its loss that the slope
    promises.
    """
    p, total = 0.5 * (1 + np.tanh(logit / 2)), positive + negative
    slope = np.matmul((total * p - positive)[:, None, :], x)[:, 0] + ridge * coefficient
    square = np.matmul((x * (total * p * (1 - p))[:, :, None]).transpose(0, 2, 1), x)
    diagonal = np.arange(x.shape[2])
    square[:, diagonal, diagonal] += ridge + 1e-10
    move = -np.linalg.solve(square, slope[:, :, None])[:, :, 0]
    return move, -(slope * move).sum(1)
