"""L1-regularised probes on sparse activations, all labels together: which latents would
a probe use first?
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

from saecore.compiled.availability import available
from saecore.measures.algebra.pair_tables import checked
from saecore.measures.algebra.proximal_newton import (
    SLACK,
    WorkingSets,
    logits_of,
    proximal_newton,
    row_weights,
)
from saecore.sparse import Active, matrix

if TYPE_CHECKING:
    from scipy.sparse import csc_array

FIRST = 16
"""Columns that a label's working set begins with."""
MORE = 8
"""Columns that join it at a time."""
TABLE_SIZE = 1 << 23
"""Numbers in the dense table of one group of labels: 32 MB."""


class L1Probes(NamedTuple):
    """L1-regularised logistic probes: their weights on the latents that any of them
    could use; all other weights are 0.
    """

    latent: Int[ndarray, "label column"]
    """Which latent a column is; -1 where a label has fewer."""
    weight: Float[ndarray, "label problem column"]
    """In units of 1 / activation."""
    bias: Float[ndarray, "label problem"]
    """Not penalised."""


def l1_probes(
    active: Active,
    labels: Bool[Tensor, "row label"],
    *,
    width: int,
    taught: Bool[Tensor, "problem row"],
    penalty: float = 0.01,
) -> L1Probes:
    """L1-regularised logistic probes, one-vs-rest, on all `width` latents, one per
    label and problem.

    Each minimises mean_i s_i BCE(w x_i + b, y_i) + penalty |w|_1 over the rows that its
    problem is `taught` by, with s_i = (#without / #with) for rows with the label and 1
    for the others (2409.14507, code: k_sparse_probing.py, penalty 0.01). The penalty is
    per unit of activation: other scales, other probes. Departure: the optimum, where
    the paper takes 50 epochs of Adam, whose weights are never exactly 0.

    Exact on all latents: proximal Newton steps, coordinate descent inside. Compiled
    (`compiled_probes`), the conditions of the optimum hold within .1 % of the penalty.
    Where numba does not work few latents are looked at: the ones with the largest
    gradient at w = 0 come first, then, until none is left, those whose gradient exceeds
    the penalty at the solution without them (by more than 1 %). Raises ValueError where
    rows do not align, and where a label is on all or none of the rows that some problem
    is taught by.
    """
    checked(active, labels)
    x = csc_of(active, width)
    y = labels.cpu().numpy()
    importance = row_weights(y, taught.cpu().numpy())
    if available():
        return compiled_probes(x, y, importance, penalty)
    size = max(1, TABLE_SIZE // max(len(y) * (FIRST + MORE), width * len(taught)))
    groups = [
        np.arange(i, min(i + size, y.shape[1])) for i in range(0, y.shape[1], size)
    ]
    parts = [_group(x, y[:, g], importance[g], penalty) for g in groups]
    columns = max((part.latent.shape[1] for part in parts), default=0)
    padded = [_widened(part, columns) for part in parts]
    return L1Probes(*(np.concatenate(field) for field in zip(*padded, strict=True)))


def compiled_probes(
    x: "csc_array", y: ndarray, importance: ndarray, penalty: float
) -> L1Probes:
    """`l1_probes` in compiled loops, one label and problem at a time; several problems
    of a label start from the solution of the first.
    """
    from saecore.compiled.l1_probe import solve_probe

    labels, _, problems = importance.shape
    weight = np.zeros((labels, problems, _sizes(x)[1]))
    bias, columns = np.zeros((labels, problems)), (x.indptr, x.indices, x.data)
    for n, p in np.ndindex(labels, problems):
        weight[n, p] = weight[n, 0]
        told = y[:, n].astype(float), np.ascontiguousarray(importance[n, :, p])
        bias[n, p] = solve_probe(*columns, *told, penalty, weight[n, p], bias[n, 0])
    every = np.broadcast_to(np.arange(weight.shape[2]), (labels, weight.shape[2]))
    return _in_use(L1Probes(every, weight, bias))


def csc_of(active: Active, width: int) -> "csc_array":
    """The activations as a SciPy CSC array [row, latent], which gives single latents
    quickly; float64.
    """
    return matrix(active._replace(value=active.value.double()), width).tocsc()


def gathered(x: "csc_array", latent: ndarray) -> Float[ndarray, "row column"]:
    """The activations of some latents, dense; zeros where `latent` is -1."""
    out = np.zeros((_sizes(x)[0], len(latent)))
    for column, j in enumerate(latent):
        if j >= 0:
            entries = slice(x.indptr[j], x.indptr[j + 1])
            out[x.indices[entries], column] = x.data[entries]
    return out


def _sizes(x: "csc_array") -> tuple[int, int]:
    rows, width = x.shape  # pyright: ignore[reportGeneralTypeIssues]
    return rows, width


def _group(
    x: "csc_array",
    y: ndarray,
    importance: ndarray,
    penalty: float,
    start: L1Probes | None = None,
) -> L1Probes:
    """Working sets grow until no latent outside breaks its condition |gradient| <=
    penalty.

    Several problems start from the solution of the first.
    """
    labels, _, problems = importance.shape
    if start is None and problems > 1:
        start = _in_use(_group(x, y, importance[:, :, :1], penalty))
    probes = start or L1Probes(
        np.zeros((labels, 0), dtype=np.int64),
        np.zeros((labels, 1, 0)),
        np.zeros((labels, 1)),
    )
    probes = L1Probes(
        probes.latent,
        *(
            np.broadcast_to(w, (labels, problems, *w.shape[2:])).copy()
            for w in probes[1:]
        ),
    )
    residual, due = importance * (0.5 - y.T[:, :, None]), np.arange(labels)
    while True:
        if probes.latent.size:
            _solve_into(probes, due, x, y, importance, penalty, residual)
        count = MORE if probes.latent.size else FIRST
        joining = _joining(x, residual, probes.latent, penalty * (1 + SLACK), count)
        due = np.flatnonzero((joining >= 0).any(1))
        if not len(due):
            return probes
        probes = _widened(probes, probes.latent.shape[1] + joining.shape[1])
        probes.latent[:, -joining.shape[1] :] = joining
        probes = _packed(probes)


def _in_use(probes: L1Probes) -> L1Probes:
    """Without the columns whose weights are 0."""
    latent = np.where((probes.weight != 0).any(1), probes.latent, -1)
    return _packed(probes._replace(latent=latent))


def _joining(
    x: "csc_array", residual: ndarray, present: ndarray, bound: float, count: int
) -> ndarray:
    """For each label the latents outside its working set that break the bound most; -1
    where none do.
    """
    labels, rows, problems = residual.shape
    flat = residual.transpose(1, 0, 2).reshape(rows, -1)
    width = _sizes(x)[1]
    slope = np.abs(x.T @ flat).reshape(width, labels, problems).max(2).T
    label, column = np.nonzero(present >= 0)
    slope[label, present[label, column]] = 0
    count = min(count, width)
    top = np.argpartition(-slope, count - 1, axis=1)[:, :count]
    joining = np.where(np.take_along_axis(slope, top, 1) > bound, top, -1)
    return joining[:, (joining >= 0).any(0)]


def _packed(probes: L1Probes) -> L1Probes:
    """Columns in use first, so that labels with few do not widen the table."""
    order = np.argsort(probes.latent < 0, axis=1, kind="stable")
    columns = int((probes.latent >= 0).sum(1).max(initial=0))
    latent = np.take_along_axis(probes.latent, order, 1)[:, :columns]
    weight = np.take_along_axis(probes.weight, order[:, None, :], 2)[:, :, :columns]
    return L1Probes(latent, weight, probes.bias)


def _widened(probes: L1Probes, columns: int) -> L1Probes:
    extra = columns - probes.latent.shape[1]
    latent = np.pad(probes.latent, ((0, 0), (0, extra)), constant_values=-1)
    return L1Probes(
        latent, np.pad(probes.weight, ((0, 0), (0, 0), (0, extra))), probes.bias
    )


def _solve_into(
    probes: L1Probes,
    due: ndarray,
    x: "csc_array",
    y: ndarray,
    importance: ndarray,
    penalty: float,
    residual: ndarray,
) -> None:
    """Solves the labels that are due on their working sets; writes weights, biases, and
    residuals.
    """
    dense = np.stack([gathered(x, probes.latent[label]) for label in due])
    table = WorkingSets(
        torch.from_numpy(dense).float(),
        torch.from_numpy(y.T[due, :, None]).float(),
        torch.from_numpy(importance[due]).float(),
        (probes.latent[due] >= 0).sum(1).tolist(),
    )
    weight, bias = proximal_newton(table, probes.weight[due], probes.bias[due], penalty)
    probes.weight[due], probes.bias[due] = weight, bias
    logit = logits_of(table, weight, bias)
    residual[due] = (table.importance * (logit.sigmoid() - table.y)).double().numpy()
