"""One L1-regularised logistic probe on sparse columns: proximal Newton steps, each by
coordinate descent, until the conditions of the optimum hold.

Columns are those of a CSC matrix. A pass over all of them costs one multiplication for
each entry, so every step looks at all, and moves those that are in use or press on the
penalty.
"""

import numpy as np

from saecore.compiled.loops import loop

MOST_STEPS = 100
MOST_SWEEPS = 200
HALVINGS = 30
TAKES_PART = 0.8
"""Columns whose gradient is this share of the penalty take part in a step."""
EXACT = 1e-3
"""Share of the penalty by which a condition of the optimum may be missed."""
ENOUGH = 1e-4
"""Share of the penalty below which coordinate descent no longer moves."""
LESS = 1e-4
"""Share of the fall that a step promises which it must give."""


@loop
def solve_probe(starts, rows, values, y, importance, penalty, weight, bias):
    """The bias of the probe; `weight` [column] is written, and read as the start.

    Minimises sum_i importance_i BCE(x_i w + b, y_i) + penalty |w|_1. Column j has the
    entries starts[j] to starts[j + 1] of `rows` and `values`.
    """
    logit = np.full(y.shape[0], bias)
    for j in range(weight.shape[0]):
        if weight[j] != 0.0:
            _add(starts, rows, values, j, weight[j], logit)
    residual, curvature = np.empty_like(logit), np.empty_like(logit)
    slope, square = np.empty_like(weight), np.empty_like(weight)
    active = np.empty(weight.shape[0], np.int64)
    value, size = _loss(logit, y, importance), 1.0
    for _ in range(MOST_STEPS):
        _derivatives(logit, y, importance, residual, curvature)
        if size == 0.0:  # a model that never lies below the loss
            curvature[:] = 0.25 * importance
        worst, count = _pressing(
            starts, rows, values, residual, weight, penalty, slope, active
        )
        offset = residual.sum()
        if max(worst, abs(offset)) <= EXACT * penalty:
            break
        some = active[:count]
        moved, step, shift = _descended(
            starts,
            rows,
            values,
            curvature,
            slope,
            square,
            offset,
            weight,
            penalty,
            some,
        )
        last, fall = size, shift * offset
        size, value = _halved(
            logit, moved, y, importance, value, weight, step, some, slope, fall, penalty
        )
        if last == 0.0 and size == 0.0:
            break
        for j in some:
            weight[j] += size * step[j]
        bias += size * shift
    return bias


@loop
def _add(starts, rows, values, j, by, out):
    for e in range(starts[j], starts[j + 1]):
        out[rows[e]] += by * values[e]


@loop
def _loss(logit, y, importance):
    total = 0.0
    for i in range(logit.shape[0]):
        if importance[i] > 0.0:
            z = logit[i]
            soft = max(z, 0.0) + np.log1p(np.exp(-abs(z)))
            total += importance[i] * (soft - y[i] * z)
    return total


@loop
def _derivatives(logit, y, importance, residual, curvature):
    for i in range(logit.shape[0]):
        p = 1.0 / (1.0 + np.exp(-logit[i]))
        residual[i] = importance[i] * (p - y[i])
        curvature[i] = importance[i] * p * (1.0 - p)


@loop
def _pressing(starts, rows, values, residual, weight, penalty, slope, active):
    """How far the worst column is from its condition, and how many are to move."""
    worst, count = 0.0, 0
    for j in range(weight.shape[0]):
        total = 0.0
        for e in range(starts[j], starts[j + 1]):
            total += residual[rows[e]] * values[e]
        slope[j] = total
        if weight[j] == 0.0:
            missed = abs(total) - penalty
        else:
            missed = abs(total + np.sign(weight[j]) * penalty)
        worst = max(worst, missed)
        if weight[j] != 0.0 or abs(total) > TAKES_PART * penalty:
            active[count] = j
            count += 1
    return worst, count


@loop
def _descended(
    starts, rows, values, curvature, slope, square, offset, weight, penalty, active
):
    """To the minimum of the quadratic model: what logits, weights and bias move by."""
    moved, step, shift = np.zeros_like(curvature), np.zeros_like(weight), 0.0
    total = max(curvature.sum(), 1e-12)
    for j in active:
        square[j] = 1e-12
        for e in range(starts[j], starts[j + 1]):
            square[j] += curvature[rows[e]] * values[e] ** 2
    for _ in range(MOST_SWEEPS):
        by = -(offset + (curvature * moved).sum()) / total
        moved += by
        shift += by
        most = abs(by) * total
        for j in active:
            pull = slope[j]
            for e in range(starts[j], starts[j + 1]):
                pull += curvature[rows[e]] * moved[rows[e]] * values[e]
            at = weight[j] + step[j]
            goal = square[j] * at - pull
            by = np.sign(goal) * max(abs(goal) - penalty, 0.0) / square[j] - at
            if by != 0.0:
                step[j] += by
                _add(starts, rows, values, j, by, moved)
                most = max(most, abs(by) * square[j])
        if most < ENOUGH * penalty:
            break
    return moved, step, shift


@loop
def _halved(
    logit, moved, y, importance, value, weight, step, active, slope, fall, penalty
):
    """The share of a step that lowers the objective enough, and the loss there; the
    logits move with it. 0 if none does.
    """
    before = 0.0
    for j in active:
        before += abs(weight[j])
        fall += slope[j] * step[j] + penalty * (
            abs(weight[j] + step[j]) - abs(weight[j])
        )
    size = 1.0
    for _ in range(HALVINGS):
        after = 0.0
        for j in active:
            after += abs(weight[j] + size * step[j])
        loss = _loss(logit + size * moved, y, importance)
        gained = value - loss + penalty * (before - after)
        if gained >= -LESS * size * fall:
            logit += size * moved
            return size, loss
        size /= 2
    return 0.0, value
