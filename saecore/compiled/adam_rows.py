"""A step of Adam in one pass over weights, gradients and moments."""

import numpy as np

from saecore.compiled.loops import loop
from saecore.compiled.screening import dot


@loop
def step_row(weight, gradient, first, second, less, betas, size, root, eps):
    """Adam on one row (Kingma and Ba 1412.6980, algorithm 1), the gradient being
    `gradient` - less * `weight`; returns the row's squared norm afterwards.

    `size` is the learning rate over the first moment's bias correction, `root` one over
    the square root of the second's.
    """
    one, squares = np.float32(1), np.float32(0)
    for c in range(weight.shape[0]):
        g = gradient[c] - less * weight[c]
        m = betas[0] * first[c] + (one - betas[0]) * g
        v = betas[1] * second[c] + (one - betas[1]) * g * g
        first[c], second[c] = m, v
        w = weight[c] - size * m / (np.sqrt(v) * root + eps)
        weight[c] = w
        squares += w * w
    return squares


@loop
def step_rows(weight, gradient, first, second, betas, size, root, eps, unit):
    """Adam on every row of `weight` [row, d_model], in place. With `unit` the rows are
    directions: a gradient loses its part along its row, which becomes a unit vector
    again.
    """
    less = np.float32(0)
    for i in range(weight.shape[0]):
        w = weight[i]
        if unit:
            less = dot(w, gradient[i])
        squares = step_row(
            w, gradient[i], first[i], second[i], less, betas, size, root, eps
        )
        if unit:
            scale = np.float32(1) / np.sqrt(squares)
            for c in range(w.shape[0]):
                w[c] *= scale
