"""The gradients of one training step, for every architecture, by hand: no autograd
graph, no dense detour.

All losses are means over the batch of B rows, in units in which the rows have mean 0
and mean square norm 1. `rows` are the rows less b_dec. The directions in W_dec are unit
vectors, so an L1 penalty needs no norms.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from saecore.linear import linear
from saecore.sparse import dots, pointers, weighted_sums
from saecore.training.selection import select_top_k
from saecore.training.sparse_or_dense import Entries, Table, top_k_entries

Parameters = dict[str, Tensor]
REVIVED = 1 << 18
"""Rows x silent latents of the auxiliary loss at most."""


class Step(NamedTuple):
    """Gradients of a step, or of its share of the rows, with its error and counts."""

    gradients: Parameters
    """By the names of the weights."""
    error: Tensor
    """Reconstruction less row [row, d_model]."""
    counts: Tensor
    """How many rows each latent was active in."""


def plain(
    layout: Entries | Table,
    weights: Parameters,
    rows: Tensor,
    batch: int,
    penalty: Tensor | None,
) -> Step:
    """TopK, BatchTopK, ReLU: mean |error|^2 + penalty * mean sum of activations (the
    penalty of each latent's SAE).
    """
    value = layout.pre.clamp(min=0)
    active = layout.pre > 0
    error = layout.decode(value, weights["W_dec"]) - rows
    slope = error * (2 / batch)
    back = layout.dots(slope, weights["W_dec"])
    if penalty is not None:
        back += layout.per_latent(penalty / batch)
    back *= active
    gradients = {
        "W_dec": layout.sums(value, slope),
        **_encoder(layout, weights, back, rows),
    }
    gradients["b_dec"] += _totals(slope, layout.saes)
    return Step(gradients, error, layout.counts(active))


def gated(
    layout: Entries | Table,
    weights: Parameters,
    rows: Tensor,
    batch: int,
    penalty: Tensor,
) -> Step:
    """Gated SAE (Rajamanoharan et al. 2404.16014, section 3.2), the pre-activations
    being those of the gate, pi.

    Activations are f = 1[pi > 0] * ReLU(exp(r_mag) * W_enc rows + b_mag). The loss is
    mean |error|^2
    + penalty * mean sum ReLU(pi) + mean |error of ReLU(pi) through a frozen decoder|^2.
    """
    w_dec, gain = weights["W_dec"], layout.per_latent(weights["r_mag"].exp())
    gate, opened = layout.pre.clamp(min=0), layout.pre > 0
    linear_part = layout.pre - layout.per_latent(weights["b_enc"])
    magnitude = gain * linear_part + layout.per_latent(weights["b_mag"])
    active = opened & (magnitude > 0)
    value = magnitude * active
    error = layout.decode(value, w_dec) - rows
    slope = error * (2 / batch)
    back = layout.dots(slope, w_dec) * active
    frozen = (layout.decode(gate, w_dec) - rows) * (2 / batch)
    back_gate = (
        layout.dots(frozen, w_dec) + layout.per_latent(penalty / batch)
    ) * opened
    gradients = {
        "W_dec": layout.sums(value, slope),
        "b_mag": layout.totals(back),
        "r_mag": layout.totals(back * gain * linear_part),
        **_encoder(layout, weights, back * gain + back_gate, rows, bias=back_gate),
    }
    gradients["b_dec"] += _totals(slope, layout.saes)
    return Step(gradients, error, layout.counts(active))


def jumprelu(
    layout: Entries | Table,
    weights: Parameters,
    rows: Tensor,
    batch: int,
    penalty: Tensor,
    bandwidth: float,
) -> Step:
    """JumpReLU (Rajamanoharan et al. 2407.14435, section 3): mean |error|^2 + penalty *
    mean number active.

    Activations are pre * 1[pre > threshold]. Straight-through estimators with a
    rectangular kernel K of the given width: d activation / d threshold = -threshold
    K((pre - threshold) / bandwidth) / bandwidth, and d 1[...] / d threshold = -K(...) /
    bandwidth; none of them reaches the pre-activations.
    """
    threshold = weights["log_threshold"].exp()
    at = layout.per_latent(threshold)
    active = layout.pre > at
    near = (layout.pre - at).abs() < bandwidth / 2
    value = layout.pre * active
    error = layout.decode(value, weights["W_dec"]) - rows
    slope = error * (2 / batch)
    back = layout.dots(slope, weights["W_dec"])
    jump = -(at * back + layout.per_latent(penalty / batch)) * near / bandwidth
    gradients = {
        "W_dec": layout.sums(value, slope),
        "log_threshold": layout.totals(jump) * threshold,
        **_encoder(layout, weights, back * active, rows),
    }
    gradients["b_dec"] += _totals(slope, layout.saes)
    return Step(gradients, error, layout.counts(active))


def matryoshka(
    layout: Entries,
    weights: Parameters,
    rows: Tensor,
    batch: int,
    nested: tuple[int, ...],
) -> Step:
    """Matryoshka (Bussmann et al. 2503.17547, section 3): the mean over nested widths
    of mean |error of the first `width` latents|^2 (the paper's formula sums, its code
    averages; we average).

    Needs the latents of each row in ascending order: then each row's entries fall into
    runs, one per ring between two nested widths, and the errors of all widths are
    cumulative sums of the runs' reconstructions.
    """
    value = layout.pre.clamp(min=0)
    rings, n = len(nested), len(rows)
    edges = torch.tensor(nested, dtype=torch.int32, device=rows.device)
    within = layout.latent % (layout.latents // layout.saes)
    run = layout.row * rings + torch.bucketize(
        within, edges, right=True, out_int32=True
    )
    crow = pointers(run, n * rings)
    partial = weighted_sums(crow, layout.latent, value, weights["W_dec"]).view(
        n, rings, -1
    )
    errors = partial.cumsum(1) - rows[:, None]
    slopes = (errors * (2 / (batch * rings))).flip(1).cumsum(1).flip(1).contiguous()
    flat = slopes.view(n * rings, -1)
    back = dots(crow, layout.latent, flat, weights["W_dec"]) * (layout.pre > 0)
    gradients = {
        "W_dec": layout.sums_of(value, flat, run),
        **_encoder(layout, weights, back, rows),
    }
    gradients["b_dec"] += _totals(slopes[:, 0], layout.saes)
    return Step(gradients, errors[:, -1], layout.counts(layout.pre > 0))


def revive(
    weights: Parameters, rows: Tensor, error: Tensor, silent: Tensor, scale: float
) -> Parameters:
    """AuxK (Gao et al. 2406.04093, appendix A.2): the silent latents reconstruct what
    is missing.

    Gradients of scale * |z W_dec[silent] - missing|^2 / |missing|^2, both summed over
    the rows, z being the d_model / 2 largest of their positive pre-activations and
    `missing` = -error, held fixed (divided as in the paper's code; the paper's formula
    is not). `weights` are those of one SAE; the gradients are those of the silent
    latents, and b_dec's.
    """
    few = max(1, REVIVED // len(silent))
    rows, error = rows[:few], error[:few]
    share = scale / error.square().sum().clamp(min=1e-12)
    w_enc, w_dec = weights["W_enc"][silent], weights["W_dec"][silent]
    layout = _few_largest(rows, w_enc, weights["b_enc"][silent])
    z = layout.pre.clamp(min=0)
    slope = (layout.decode(z, w_dec) + error) * (2 * share)
    back = layout.dots(slope, w_dec) * (layout.pre > 0)
    bias = layout.totals(back)
    return {
        "W_enc": layout.sums(back, rows),
        "b_enc": bias,
        "W_dec": layout.sums(z, slope),
        "b_dec": -(bias @ w_enc),
    }


def _few_largest(rows: Tensor, w_enc: Tensor, b_enc: Tensor) -> Entries | Table:
    """The d_model / 2 largest pre-activations of each row, or all where there are no
    more.
    """
    most = max(1, rows.shape[1] // 2)
    if len(w_enc) <= most:
        return Table(linear(rows, w_enc, b_enc)[None])
    largest = select_top_k(rows, w_enc, b_enc, most)
    return top_k_entries(largest, saes=1, width=len(w_enc))


def _encoder(
    layout: Entries | Table,
    weights: Parameters,
    back: Tensor,
    rows: Tensor,
    bias: Tensor | None = None,
) -> Parameters:
    """Gradients of the encoder from those of its pre-activations (`back`), and b_dec's
    share, as rows = x - b_dec.

    `bias` is the share of them that reaches b_enc, if not all.
    """
    total = layout.totals(back)
    width = len(total) // layout.saes
    through = [
        -(t @ w)
        for t, w in zip(total.split(width), weights["W_enc"].split(width), strict=True)
    ]
    b_enc = total if bias is None else layout.totals(bias)
    return {
        "W_enc": layout.sums(back, rows),
        "b_enc": b_enc,
        "b_dec": torch.stack(through),
    }


def _totals(slope: Tensor, saes: int) -> Tensor:
    """Sum over the rows of each SAE."""
    return torch.stack([one.sum(0) for one in slope.split(len(slope) // saes)])
