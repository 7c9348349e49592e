"""The gap in a parent's recall; and true absorption by pairs, a second route to that of
`outcomes`.

`outcomes` is the definition that the book uses. `true_absorption` takes each (parent,
child) for itself, with main latents given from outside and no correction for shrinkage;
where features do not overlap and nothing shrinks the two agree, and the tests hold one
against the other.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.absorption.cases import SILENT, items, summed
from saecore.shapes import Directions
from saecore.sparse import Active, pointers, row_of

TRUE_SHARE = 0.5
"""Share of the parent that child latents must carry for absorption to be true."""
OF_THE_CHILD = 0.5
"""Share of a latent's activation that must lie on rows of the child for it to be a
child's latent.
"""


class Gap(NamedTuple):
    """Recall of a parent's latent without and with the child; one number, or one per
    pair.
    """

    gap: Float[
        Tensor, "*pair"
    ]  # recall_without - recall_with; 1 fully absorbed, 0 not, nan without such rows
    recall_without: Float[
        Tensor, "*pair"
    ]  # share of rows with the parent but not the child on which it fires
    recall_with: Float[Tensor, "*pair"]  # the same for rows with both
    without: Int[Tensor, "*pair"]  # rows with the parent alone
    both: Int[Tensor, "*pair"]  # rows with parent and child


def gap(
    fires: Bool[Tensor, "row *pair"],
    parent: Bool[Tensor, "row *pair"],
    child: Bool[Tensor, "row *pair"],
) -> Gap:
    """absorption_gap: recall of the parent's latent where the child is absent minus
    where it is present.

    `fires`: whether the parent's latent (or one of its latents) is active; `parent` and
    `child`: the truth. Proposed for synthetic data in SAELens, issue 729. Negative
    where the latent is rather the child's.
    """
    alone, both = parent & ~child, parent & child
    without, together = alone.sum(0), both.sum(0)
    low, high = (fires & both).sum(0) / together, (fires & alone).sum(0) / without
    return Gap(high - low, high, low, without, together)


class Truly(NamedTuple):
    """Rows in which a parent and its child are both active, and who carries the parent
    there.
    """

    row: Int[Tensor, "case"]  # which row
    pair: Int[Tensor, "case"]  # which (parent, child)
    amount: Float[Tensor, "case"]  # the parent's true activation
    own: Float[Tensor, "case"]  # share of it that the parent's own latents give
    carried: Float[Tensor, "case"]  # share of it that latents of the child give
    silent: Bool[Tensor, "case"]  # whether the parent's own latents are all silent
    absorbed: Bool[Tensor, "case"]  # silent, and at least half is carried
    latent: Int[
        Tensor, "case"
    ]  # the child's latent that carries most; -1 where none is active
    rate: Float[
        Tensor, "pair"
    ]  # absorbed / rows with both; nan without such rows, or without own latents


# used by tests alone so far; the issue on verdicts takes it up
def true_absorption(
    active: Active,
    w_dec: Directions,
    features: Active,
    directions: Float[Tensor, "feature d_model"],
    *,
    pairs: Int[Tensor, "pair two"],
    main: Bool[Tensor, "pair latent"],
    share: float = TRUE_SHARE,
    of_the_child: float = OF_THE_CHILD,
    silent: float = SILENT,
) -> Truly:
    """Absorption by its definition, for (parent, child) features whose activations are
    known.

    In a row where parent p (activation s) and child c are active, let

        u = (f_p - <f_p, f_c> f_c / |f_c|^2), divided by its squared length,

    so that <s f_p + t f_c, u> = s: what u sees of the parent is not explained by the
    child's own direction. Latent j gives the share a_j <d_j, u> / s of the parent. The
    row is absorbed iff all latents in `main` (the parent's own) are silent and the
    *child's latents* together give at least `share`. A child's latent is not main, and
    at least `of_the_child` of its activation over all rows lies on rows where c is
    active; so a second copy of the parent, or noise, is no absorber (where a child is
    active in less than half of its parent's rows: raise it otherwise). `own` and
    `carried` also tell of partial absorption, where the parent's latent still fires.

    `features` are the true activations of the same rows (for a world, its sparse
    latents as `Active`). Holds pair x latent arrays, and nothing of row x latent. The
    rule is ours; the definition in words is that of 2409.14507, section 2. Other
    features' directions also project on u, so in a crowded world (cosines about
    1/sqrt(d_model)) shares have that much noise; the threshold of a half is far above
    it.

    Raises ValueError where shapes do not fit, or a parent has the direction of its
    child.
    """
    _check(active, w_dec, features, directions, pairs, main)
    row, pair, s = _child_rows(features, pairs)
    _, case, entry = items(active, row)
    latent, value = active.latent[entry].long(), active.value[entry]
    at = pair[case] * len(w_dec) + latent
    inside = summed(value, at, main.numel())
    every = summed(active.value, active.latent.long(), len(w_dec)).clamp_min(
        torch.finfo(value.dtype).tiny
    )
    own = main.flatten()[at]
    childs = ~own & (inside[at] >= of_the_child * every[latent])
    seen = w_dec @ _beyond(directions.to(w_dec), pairs).T  # [latent, pair]
    part = value * seen[latent, pair[case]] / s[case]
    loud = summed((own & (value.abs() >= silent)).int(), case, len(row)) > 0
    carried = summed(part * childs, case, len(row))
    carrier = _carrier(torch.where(childs, part, -torch.inf), case, latent, len(row))
    kept = s > 0
    absorbed = ~loud & (carried >= share) & main.any(1)[pair]
    hits, rows = (
        torch.bincount(pair[some], minlength=len(pairs))
        for some in (kept & absorbed, kept)
    )
    rate = (hits / rows).masked_fill(~main.any(1), torch.nan)
    given = summed(part * own, case, len(row))
    all_of_them = (row, pair, s, given, carried, ~loud, absorbed, carrier)
    return Truly(*(x[kept] for x in all_of_them), rate=rate)


def _child_rows(features: Active, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(row, pair, the parent's activation there or 0) wherever the child of a pair is
    active.
    """
    feature, row = features.latent.long(), row_of(features).long()
    width = int(torch.cat([feature, pairs.flatten(), feature.new_zeros(1)]).max()) + 1
    order = torch.argsort(pairs[:, 1], stable=True)
    begin = pointers(pairs[order, 1], width).long()
    on = features.value > 0
    count = torch.diff(begin)[feature] * on
    which = torch.repeat_interleave(
        torch.arange(len(feature), device=row.device), count
    )
    first = torch.cumsum(count, 0) - count
    offset = torch.arange(len(which), device=row.device) - first[which]
    pair = order[begin[feature[which]] + offset]
    key, place = torch.sort(row * width + feature)
    wanted = row[which] * width + pairs[pair, 0]
    if not len(key):
        return which, which, features.value
    found = torch.searchsorted(key, wanted).clamp_max(len(key) - 1)
    amount = torch.where(key[found] == wanted, features.value[place[found]], 0.0)
    return row[which], pair, amount


def _beyond(directions: Tensor, pairs: Tensor) -> Tensor:
    """[pair, d_model]: u of each pair."""
    parent, child = directions[pairs[:, 0]], directions[pairs[:, 1]]
    along = (parent * child).sum(1) / child.square().sum(1)
    rest = parent - along[:, None] * child
    length = rest.square().sum(1)
    if not (length > 1e-6 * parent.square().sum(1)).all():
        raise ValueError(
            "a parent needs a direction other than its child's, got a pair with one; drop it"
        )
    return rest / length[:, None]


def _carrier(part: Tensor, case: Tensor, latent: Tensor, count: int) -> Tensor:
    """The latent of the largest part of each case; -1 where none takes part."""
    best = part.new_full((count,), -torch.inf).scatter_reduce(0, case, part, "amax")
    wins = (part == best[case]) & (part > -torch.inf)
    return torch.full((count,), -1, device=part.device).scatter_reduce(
        0, case[wins], latent[wins], "amax", include_self=True
    )


def _check(
    active: Active,
    w_dec: Tensor,
    features: Active,
    directions: Tensor,
    pairs: Tensor,
    main: Tensor,
) -> None:
    if len(active.crow) != len(features.crow) or w_dec.shape[1] != directions.shape[1]:
        raise ValueError(
            f"latents and features of the same rows and one space are needed, got {len(active.crow) - 1} and "
            f"{len(features.crow) - 1} rows, directions of length {w_dec.shape[1]} and {directions.shape[1]}"
        )
    if pairs.ndim != 2 or pairs.shape[1] != 2 or main.shape != (len(pairs), len(w_dec)):
        raise ValueError(
            f"pairs must be [pair, 2] (parent, child) and main [pair, {len(w_dec)}], got "
            f"{tuple(pairs.shape)} and {tuple(main.shape)}: give the parent's own latents for each pair"
        )
