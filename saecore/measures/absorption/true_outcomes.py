"""How cases of absorption really end, row by row, where the true features are known.

Published metrics of absorption (Chanin et al. 2409.14507; SAEBench) work with a probe
in the place of the truth. Here the truth itself decides: which features are active in a
row, how strongly, and along which directions. A *case* is a row with an active parent
p, whose true contribution is c_p d_p. It ends in one way:

    kept       a latent of the parent's own fires; absorbed   none of them fires, a
    child of the parent is active in the row, and latents that fire for a
               child of the parent carry at least half of the parent's usual part;
    elsewhere  none of them fires, and at least half is carried, but by other latents or
    in a row without a
               child (splitting, chance);
    missed     none of them fires, and less than half is in the reconstruction (noise,
    too small a k).

How much of the parent latent j carries in a row is a_j <w_j, u_p>: a_j its activation,
w_j its decoder row, and u_p the parent's row of the dual basis of the features active
in that row, so that sum_f c_f <d_f, u_p> is c_p exactly even where directions overlap
(least squares on the true directions, row by row). The *usual part* of parent p is
kappa_p c_p: kappa_p is the median, over its rows without a child in which its own
latents fire, of what these carry, divided by c_p. It is 1 for a perfect dictionary and
smaller under shrinkage, so that a ReLU SAE that halves everything is not said to miss
everything.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.absorption.cases import items
from saecore.measures.absorption.true_cases import TrueCases
from saecore.sparse import Active, dense, dots

KEPT, ABSORBED, ELSEWHERE, MISSED = range(4)
OUTCOMES = ("kept", "absorbed", "elsewhere", "missed")
HALF = 0.5
"""Of the parent's usual part, to count as carried; of a latent's activation, to belong
to a family.
"""
FEW = 0.05
"""Share of the parent's rows without a child in which each of its own latents fires, at
the least.
"""


class TruthDefinition(NamedTuple):
    """One way to say what is truly absorbed, of the three that were tried."""

    weighted: bool
    """Whether a latent belongs to whom most of its activation serves; else to whom most
    of its firings do, however faint.
    """
    usual: bool
    """Whether "half" is of the parent's usual part; else of all that the parent is."""


TRUTH_DEFINITIONS = {
    "firings, of the whole part": TruthDefinition(weighted=False, usual=False),
    "firings, of the usual part": TruthDefinition(weighted=False, usual=True),
    "activation, of the usual part": TruthDefinition(weighted=True, usual=True),
}
"""In the order in which they were tried; the last is the one that is used."""
CHOSEN = TRUTH_DEFINITIONS["activation, of the usual part"]


class Roles(NamedTuple):
    """Which latents belong to which parent, by when they fire."""

    own: Bool[Tensor, "parent latent"]
    """The parent's own: active mostly with the parent, and not mostly with its
    children.
    """
    child: Bool[Tensor, "parent latent"]
    """Fires for a child of the parent."""
    recall_alone: Float[Tensor, " parent"]
    """Share of the parent's rows without a child of its in which a latent of its own
    fires; nan of none.
    """
    recall_with: Float[Tensor, " parent"]
    """The same, of its rows with a child."""

    @property
    def gap(self) -> Float[Tensor, " parent"]:
        """Recall without a child minus recall with one: `absorption_gap`, by the true
        labels.
        """
        return self.recall_alone - self.recall_with


class Outcomes(NamedTuple):
    """How every case ended; a case is a (row, parent) with the parent active, row after
    row.
    """

    row: Int[Tensor, " case"]
    """Which row."""
    parent: Int[Tensor, " case"]
    """Which parent: position in `parents`."""
    outcome: Int[Tensor, " case"]
    """KEPT, ABSORBED, ELSEWHERE or MISSED."""
    share: Float[Tensor, " case"]
    """Graded absorption: share of the parent's usual part that a child's latents carry,
    cut to [0, 1]; 0 in rows without a child."""
    total: Float[Tensor, " case"]
    """Share of the usual part that all latents together carry (without the decoder's
    bias).
    """
    with_child: Bool[Tensor, " case"]
    """Whether a child of the parent is active in the row."""
    counted: Bool[Tensor, " case"]
    """Whether the parent has latents of its own worth the name: `recall_alone` is at
    least one half.
    """
    parents: Int[Tensor, " parent"]
    """Feature index of every parent."""
    usual: Float[Tensor, " parent"]
    """kappa: what the parent's own latents carry of it in rows without a child; 0 if it
    has none.
    """
    roles: Roles

    @property
    def absorbed(self) -> Bool[Tensor, " case"]:
        """Truly absorbed cases."""
        return self.outcome == ABSORBED

    @property
    def mostly(self) -> Bool[Tensor, " case"]:
        """Cases in which a child's latents carry at least half, even if the parent's
        own still fire.
        """
        return self.share >= HALF

    def among(self, parents: Bool[Tensor, " parent"]) -> "Outcomes":
        """The same with only these parents' cases counted."""
        return self._replace(counted=self.counted & parents[self.parent])

    def rate(self) -> float:
        """Share of the counted cases that are absorbed; nan if none is counted."""
        return float(self.absorbed[self.counted].double().mean())

    def shares(self) -> dict[str, float]:
        """Share of the counted cases by how they ended."""
        found = self.outcome[self.counted]
        return {
            name: float((found == place).double().mean())
            for place, name in enumerate(OUTCOMES)
        }

    def by_parent(self) -> Float[Tensor, " parent"]:
        """Share of absorbed cases per parent; nan for parents that are not counted."""
        count = torch.bincount(self.parent[self.counted], minlength=len(self.parents))
        hits = torch.bincount(
            self.parent[self.counted & self.absorbed], minlength=len(self.parents)
        )
        return hits.double() / count  # 0 / 0 is nan


def outcomes(
    active: Active,
    w_dec: Float[Tensor, "latent d_model"],
    cases: TrueCases,
    *,
    by: TruthDefinition = CHOSEN,
) -> Outcomes:
    """How every case ends with a dictionary: see the module.

    `active` are its activations on the rows of the cases, `w_dec` its decoder, of any
    norm; `by` is the definition, that of the module unless another is given. Raises
    ValueError where rows, latents or d_model disagree.
    """
    _check(active, w_dec, cases)
    weighted = {"weighted": by.weighted}
    found = roles(active, len(w_dec), cases.fires, cases.childs, **weighted)
    row, which = cases.row, cases.parent
    silent, carried = _carried(active, w_dec, found, cases)
    carried, with_child = carried / cases.size[:, None], cases.childs[row, which]
    usual = _usual(carried[:, 0], which, ~silent & ~with_child, len(cases.parents))
    if not by.usual:
        usual = (usual > 0).to(usual)
    _, by_child, every = (carried / usual[which, None].clamp_min(1e-12)).unbind(1)
    by_child = by_child * with_child
    outcome = torch.full_like(row, MISSED)
    outcome[every >= HALF] = ELSEWHERE
    outcome[by_child >= HALF] = ABSORBED
    outcome[~silent] = KEPT
    counted = (found.recall_alone >= HALF) & (usual > 0)
    return Outcomes(
        row,
        which,
        outcome,
        by_child.clamp(0, 1),
        every,
        with_child,
        counted[which],
        cases.parents,
        usual,
        found,
    )


def roles(
    active: Active,
    width: int,
    fires: Bool[Tensor, "row parent"],
    childs: Bool[Tensor, "row parent"],
    *,
    weighted: bool = True,
) -> Roles:
    """Whose every latent is, by where its activation lies; `childs` says where any
    child of the parent fires.

    Shares are of a latent's activation summed over rows, so that faint firings by the
    way do not count (with `weighted` false, of the rows on which it fires). A latent
    belongs to the family of p if at least half of it lies on rows with p, or with a
    child of p. With b = P(a child | p), it is a *child's* if of what lies on rows with
    p at least (1 + b) / 2 lies on rows with a child too:
    half-way between what the parent alone explains, and all. Else, if at least half of
    it lies on rows with p and it fires in 5 % of those without a child, it is the
    parent's own. So several latents may be a parent's own (splitting), and a latent
    that fires for two siblings is a child's.
    """
    on = dense(active, width).abs()
    on = on if weighted else (on > 0).to(on)
    joint, alone = fires & childs, fires & ~childs
    everywhere = on.sum(0).double().clamp_min(1e-30)
    both, either, together = (
        part.to(on.dtype).T @ on for part in (fires, childs, joint)
    )  # [parent, latent]
    usual = joint.sum(0).double() / fires.sum(0)
    family = torch.maximum(both, either) >= HALF * everywhere
    child = family & (together >= (1 + usual[:, None]) / 2 * both) & (together > 0)
    often = alone.to(on.dtype).T @ (on > 0).to(on.dtype) >= FEW * alone.sum(0)[
        :, None
    ].clamp(min=1)
    own = (both >= HALF * everywhere) & often & ~child
    any_own = torch.stack([(on[:, mine] > 0).any(1) for mine in own], 1)
    return Roles(
        own,
        child,
        *((any_own & part).sum(0).double() / part.sum(0) for part in (alone, joint)),
    )


def _carried(
    active: Active, w_dec: Tensor, found: Roles, cases: TrueCases
) -> tuple[Bool[Tensor, " case"], Float[Tensor, "case 3"]]:
    """Per case: whether the parent's own latents are silent, and a_j <w_j, u> summed
    over its own latents, those of its children, and all."""
    pointer, case, entry = items(active, cases.row)
    latent, which = active.latent[entry], cases.parent[case]
    own, child = found.own[which, latent.long()], found.child[which, latent.long()]
    seen = dots(pointer.int(), latent.int(), cases.dual.to(w_dec), w_dec)
    value = (active.value[entry] * seen).double()
    sums = torch.zeros(len(cases.row), 3, dtype=torch.float64)
    sums.index_add_(0, case, torch.stack([value * own, value * child, value], 1))
    fired = torch.zeros(len(cases.row), dtype=torch.int64).index_add_(
        0, case, own.long()
    )
    return fired == 0, sums


def _usual(
    own: Tensor, which: Tensor, ordinary: Tensor, parents: int
) -> Float[Tensor, " parent"]:
    """Median over each parent's ordinary cases; 0 where there is none."""
    of = [own[ordinary & (which == p)] for p in range(parents)]
    return torch.stack([x.median() if len(x) else x.new_zeros(()) for x in of])


def _check(active: Active, w_dec: Tensor, cases: TrueCases) -> None:
    if len(active.crow) - 1 != len(cases.fires):
        raise ValueError(
            "activations and truth must be of the same rows, got "
            f"{len(active.crow) - 1} and "
            f"{len(cases.fires)}: encode the rows that the truth is about"
        )
    if cases.dual.shape[1] != w_dec.shape[1]:
        raise ValueError(
            f"directions and decoder must share d_model, got {cases.dual.shape[1]} and "
            f"{w_dec.shape[1]}: "
            "take the dictionary of the same site"
        )
    if len(active.latent) and int(active.latent.max()) >= len(w_dec):
        raise ValueError(
            f"the decoder must have a row for every active latent, got {len(w_dec)} "
            "rows and latent "
            f"{int(active.latent.max())}: pass the dictionary that encoded the rows"
        )
