"""Cases: the words whose label the probe tells rightly, with the latents that are
active there.

Every absorption metric asks the same of the same words: the label is true, a linear
probe on the model's own rows says so, and what do the main latents and the others do?
`cases` lays this out once, for all labels together, as a list of (case, active latent);
the metrics of `absorption` then read it.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.shapes import Directions, Rows
from saecore.sparse import Active, pointers

SILENT = 1e-8
"""Below this an activation is silent. Source: EPS of sae-spelling and SAEBench (0.6.0:
of its magnitude).
"""


class Cases(NamedTuple):
    """The true positives of each label's probe, and their active latents case after
    case ("items").
    """

    row: Int[Tensor, "case"]  # which row
    label: Int[Tensor, "case"]  # which label
    total: Float[
        Tensor, "case"
    ]  # <row, unit probe>, without any bias: what the probe sees in the row
    main_sum: Float[Tensor, "case"]  # sum of the main latents' projections on the probe
    silent: Bool[Tensor, "case"]  # whether every main latent is silent
    pointer: Int[Tensor, "pointer"]  # case c owns the items pointer[c] : pointer[c + 1]
    case: Int[Tensor, "item"]  # the case of an item
    entry: Int[Tensor, "item"]  # its entry in the activations
    latent: Int[Tensor, "item"]  # its latent
    value: Float[Tensor, "item"]  # its activation
    cosine: Float[
        Tensor, "item"
    ]  # cosine of its direction with the probe of the case's label
    projection: Float[
        Tensor, "item"
    ]  # activation * <direction, unit probe>: its part of `total`
    main: Bool[Tensor, "item"]  # whether it is a main latent of the label
    judged: Bool[
        Tensor, "label"
    ]  # labels that have main latents; the others have no cases

    @property
    def counts(self) -> Int[Tensor, "label"]:
        """True positives of each label's probe: the denominator of every rate."""
        return torch.bincount(self.label, minlength=len(self.judged))


def cases(
    active: Active,
    w_dec: Directions,
    rows: Rows,
    *,
    probes: Float[Tensor, "label d_model"],
    has: Bool[Tensor, "row label"],
    says: Bool[Tensor, "row label"],
    main: Bool[Tensor, "label latent"],
) -> Cases:
    """Rows that have a label and whose probe says so, for all labels at once.

    `probes` are the directions of linear probes (any length, no bias: 2409.14507,
    section 4.3 of its code, drops it too); `says` their decisions, best out of fold;
    `main` the latents that stand for each label (its split set). A label without main
    latents has no cases, and its rates are nan: nothing can be absorbed from a latent
    that is not there. One label is the same with one column. Works on the active
    entries only.

    `total` is of the rows as they come, the part that all rows share included, as in
    SAEBench; with rows far from the origin pass rows minus their mean (or the
    dictionary's `b_dec`) to leave that out.

    Departure from SAEBench: it takes every decoder row as of unit length; here
    <direction, unit probe> counts its length, so a dictionary may be scaled as one
    likes. The same where rows are units.

    Raises ValueError where shapes do not fit, or a judged label's probe has no length.
    """
    _check(active, w_dec, rows, probes, has, says, main)
    judged = main.any(1)
    row, label = (has & says & judged).nonzero(as_tuple=True)
    pointer, case, entry = items(active, row)
    latent, value = active.latent[entry].long(), active.value[entry]
    unit = functional.normalize(probes.to(w_dec), dim=1)
    along = w_dec @ unit.T  # [latent, label]
    length = w_dec.norm(dim=1).clamp_min(torch.finfo(w_dec.dtype).tiny)
    dot = along[latent, label[case]]
    projection, is_main = value * dot, main[label[case], latent]
    loud = is_main & (value.abs() >= SILENT)
    return Cases(
        row,
        label,
        total=(rows[row].to(unit) * unit[label]).sum(1),
        main_sum=summed(projection * is_main, case, len(row)),
        silent=summed(loud.int(), case, len(row)) == 0,
        pointer=pointer,
        case=case,
        entry=entry,
        latent=latent,
        value=value,
        cosine=dot / length[latent],
        projection=projection,
        main=is_main,
        judged=judged,
    )


def ranked(score: Float[Tensor, "item"], found: Cases) -> Int[Tensor, "item"]:
    """The items, case after case, each case's by falling score."""
    order = torch.argsort(score, descending=True, stable=True)
    return order[torch.argsort(found.case[order], stable=True)]


def first_two(
    score: Float[Tensor, "item"], found: Cases
) -> tuple[Int[Tensor, "case"], Float[Tensor, "case"], Float[Tensor, "case"]]:
    """For each case the item with the largest score, that score, and the second
    largest.

    An item of -inf takes no part. Where there is none, the item is -1 and the score 0:
    a latent that is not active does nothing.
    """
    order, count = ranked(score, found), torch.diff(found.pointer)
    items, scores = [], []
    for place in (0, 1):
        item, best = torch.full_like(found.row, -1), score.new_zeros(len(found.row))
        there = count > place
        item[there] = order[found.pointer[:-1][there] + place]
        best[there] = score[item[there]]
        nobody = best == -torch.inf
        items.append(item.masked_fill(nobody, -1))
        scores.append(best.masked_fill(nobody, 0))
    return items[0], scores[0], scores[1]


def summed(values: Tensor, group: Int[Tensor, "item"], groups: int) -> Tensor:
    """Sum of the values of each group."""
    return values.new_zeros(groups).index_add_(0, group, values)


def items(active: Active, row: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The active entries of rows row[0], row[1], ...: (pointer, case of each item,
    entry of each item).
    """
    begin, count = active.crow[:-1].long()[row], torch.diff(active.crow).long()[row]
    case = torch.repeat_interleave(torch.arange(len(row), device=row.device), count)
    pointer = pointers(case, len(row)).long()
    entry = torch.arange(len(case), device=row.device) - pointer[case] + begin[case]
    return pointer, case, entry


def _check(
    active: Active,
    w_dec: Tensor,
    rows: Tensor,
    probes: Tensor,
    has: Tensor,
    says: Tensor,
    main: Tensor,
) -> None:
    n, labels, width = len(rows), len(probes), len(w_dec)
    found = (
        len(active.crow) - 1,
        tuple(has.shape),
        tuple(says.shape),
        tuple(main.shape),
    )
    if found != (n, (n, labels), (n, labels), (labels, width)):
        raise ValueError(
            f"cases of {n} rows, {labels} probes and {width} latents need activations of as many rows, has "
            f"and says of [{n}, {labels}] and main of [{labels}, {width}]; got {found}: align them"
        )
    if not (probes.norm(dim=1) > 0)[main.any(1)].all():
        raise ValueError(
            "a probe needs a direction of length above 0, got a row of zeros; fit the probe"
        )
