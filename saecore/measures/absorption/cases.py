"""Cases: the words whose label the probe tells rightly, with the latents that are
active there.

Every absorption metric asks the same of the same words: the label is true, a linear
probe on the model's own rows says so, and what do the main latents and the others do?
`cases` lays this out once, for all labels together, as a list of (case, active latent);
the metrics of `rates` and `projections` then read it. `within_label` and `within_group`
say whether an active latent belongs to the word (or the label) on which it was found.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.shapes import Directions, Rows
from saecore.sparse import Active, pointers, row_of

SILENT = 1e-8
"""Below this an activation is silent. Source: EPS of sae-spelling and SAEBench (0.6.0:
of its magnitude).
"""


class Cases(NamedTuple):
    """The true positives of each label's probe, and their active latents case after
    case ("items").
    """

    row: Int[Tensor, "case"]
    """Which row."""
    label: Int[Tensor, "case"]
    """Which label."""
    total: Float[Tensor, "case"]
    """<row, unit probe>, without any bias: what the probe sees in the row."""
    main_sum: Float[Tensor, "case"]
    """Sum of the main latents' projections on the probe."""
    silent: Bool[Tensor, "case"]
    """Whether every main latent is silent."""
    pointer: Int[Tensor, "pointer"]
    """Case c owns the items pointer[c] : pointer[c + 1]."""
    case: Int[Tensor, "item"]
    """The case of an item."""
    entry: Int[Tensor, "item"]
    """Its entry in the activations."""
    latent: Int[Tensor, "item"]
    """Its latent."""
    value: Float[Tensor, "item"]
    """Its activation."""
    cosine: Float[Tensor, "item"]
    """Cosine of its direction with the probe of the case's label."""
    projection: Float[Tensor, "item"]
    """Activation * <direction, unit probe>: its part of `total`."""
    main: Bool[Tensor, "item"]
    """Whether it is a main latent of the label."""
    judged: Bool[Tensor, "label"]
    """Labels that have main latents; the others have no cases."""

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


def within_label(
    found: Cases, active: Active, has: Bool[Tensor, "row label"]
) -> Float[Tensor, "item"]:
    """Purity by label: of all activation of an item's latent on the rows of `active`,
    the share on rows with the case's label.

    `active` and `has` may be other rows than the cases', for instance all words of a
    text.
    """
    row, latent = row_of(active).long(), active.latent.long()
    width = int(torch.cat([latent, found.latent, latent.new_zeros(1)]).max()) + 1
    all_of = summed(active.value, latent, width)
    entry, label = has[row].nonzero(as_tuple=True)
    pair = latent[entry] * has.shape[1] + label
    inside = summed(active.value[entry], pair, width * has.shape[1])
    mine = inside[found.latent * has.shape[1] + found.label[found.case]]
    return mine / all_of[found.latent].clamp_min(torch.finfo(mine.dtype).tiny)


def within_group(
    found: Cases,
    active: Active,
    group: Int[Tensor, "row"],
    of_row: Int[Tensor, "own_row"],
) -> Float[Tensor, "item"]:
    """Purity by group: of all activation of an item's latent on the rows of `active`,
    the share on rows of its own group.

    A group is, for instance, a word: `group` [row] of the rows of `active`, `of_row` of
    the cases' rows. Only pairs (latent, group) that occur are held.
    """
    row, latent = row_of(active).long(), active.latent.long()
    groups = int(torch.cat([group, of_row, group.new_zeros(1)]).max()) + 1
    width = int(torch.cat([latent, found.latent, latent.new_zeros(1)]).max()) + 1
    all_of = summed(active.value, latent, width)
    pair, which = torch.unique(latent * groups + group[row], return_inverse=True)
    mass = summed(active.value, which, len(pair))
    wanted = found.latent * groups + of_row[found.row[found.case]]
    place = torch.searchsorted(pair, wanted).clamp_max(max(len(pair) - 1, 0))
    if not len(pair):
        return torch.zeros_like(found.value)
    mine = torch.where(pair[place] == wanted, mass[place], 0.0)
    return mine / all_of[found.latent].clamp_min(torch.finfo(mine.dtype).tiny)


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
            f"cases of {n} rows, {labels} probes and {width} latents need activations "
            f"of as many rows, has and says of [{n}, {labels}] and main of "
            f"[{labels}, {width}]; got {found}: align them"
        )
    if not (probes.norm(dim=1) > 0)[main.any(1)].all():
        raise ValueError(
            "a probe needs a direction of length above 0, got a row of zeros; "
            "fit the probe"
        )
