"""Purity: does an active latent belong to the word (or the label) on which it was
found?
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.absorption.cases import Cases, summed
from saecore.sparse import Active, row_of


def within_label(
    found: Cases, active: Active, has: Bool[Tensor, "row label"]
) -> Float[Tensor, "item"]:
    """Of all activation of an item's latent on the rows of `active`, the share on rows
    with the case's label.

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
    """Of all activation of an item's latent on the rows of `active`, the share on rows
    of its own group.

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
