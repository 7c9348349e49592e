"""Every published metric of absorption read on the same rows, with a linear probe as
the model.

Where true features are known there is no language model to ask. The probe's own logit
then stands for the answer, m = <w, row> + b: it is linear, so the effect of taking out
latent j is exactly -a_j <d_j, w>, and integrated gradients give the same number as
ablation. What is tested is the rule, not the estimate.
"""

from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.measures.absorption.ablation import Effects
from saecore.measures.absorption.cases import Cases, cases, within_group, within_label
from saecore.measures.absorption.projections import confirmed, fraction, full_absorption
from saecore.measures.absorption.rates import COSINE, LEAD, RELATIVE_LEAD, paper_rule
from saecore.measures.algebra.classifier_scores import best, pair_scores
from saecore.measures.probing.k_sparse import F1_JUMP, sparse_probes
from saecore.shapes import Directions, Rows
from saecore.sparse import Active

METRICS = (
    "main latents silent",
    "paper, ablation, lead 1",
    "paper, ablation, relative lead",
    "SAEBench, full",
    "SAEBench, fraction 0.6.0",
    "SAEBench, fraction 0.3.2",
    "confirmed by label",
    "confirmed by child",
)
"""In this order everywhere. The first is no metric of absorption but the hole that all
of them look at.
"""
GRADED = ("SAEBench, fraction 0.6.0", "SAEBench, fraction 0.3.2")


class Readings(NamedTuple):
    """What each metric says of the same cases: rows with the label on which the label's
    probe says so.
    """

    row: Int[Tensor, " case"]
    """Which row."""
    label: Int[Tensor, " case"]
    """Which label."""
    value: dict[str, Float[Tensor, " case"]]
    """By metric: 1 absorbed, 0 not, or a fraction."""
    judged: Bool[Tensor, " label"]
    """Labels that have main latents."""


class Main(NamedTuple):
    """Which latents stand for each label, by one rule."""

    latents: Bool[Tensor, "label latent"]
    """The main latents."""
    says: Bool[Tensor, "row label"] | None
    """Decisions of the k-sparse probe on them, which the paper's rule wants to be
    false; None: not asked.
    """


def best_latent(active: Active, has: Bool[Tensor, "row label"], *, width: int) -> Main:
    """One main latent per label: the largest F1 at its best threshold, on these
    rows.
    """
    latent = best(pair_scores(active, has, width=width)).latent
    return Main(
        torch.zeros(has.shape[1], width, dtype=torch.bool).scatter_(
            1, latent[:, None], True
        ),
        None,
    )


def split_set(
    active: Active,
    has: Bool[Tensor, "row label"],
    *,
    width: int,
    fold: Int[Tensor, " row"],
) -> Main:
    """The published main latents: the split set of k-sparse probing, F1 jump 0.03
    (`sparse_probes`).
    """
    probes = sparse_probes(active, has, width=width, fold=fold, jump=F1_JUMP)
    latents = torch.zeros(has.shape[1], width, dtype=torch.bool)
    for label in range(has.shape[1]):
        latents[label, probes.main(label)] = True
    return Main(latents, probes.decision)


def readings(
    active: Active,
    w_dec: Directions,
    rows: Rows,
    main: Main,
    *,
    probes: Float[Tensor, "label d_model"],
    bias: Float[Tensor, " label"],
    has: Bool[Tensor, "row label"],
    says: Bool[Tensor, "row label"],
    child: Int[Tensor, "row label"] | None = None,
) -> Readings:
    """All of METRICS for all labels. Rows, probes, labels and decisions as in
    `cases.cases`.

    `child` says which child of each label is active in a row (-1: none), which
    "confirmed by child" needs: it asks that 70 % of the absorber's activation lie on
    rows of this child. That one knows part of the truth; on a language model the word
    takes the child's place. "paper, ablation" is the rule of the authors' code: the
    most negative effect first. The rule by projection of the paper's A.13 is not
    listed: with SAEBench's share it is "SAEBench, full" but for a bound on the cosine.

    Raises ValueError where shapes do not fit.
    """
    found = cases(
        active, w_dec, rows, probes=probes, has=has, says=says, main=main.latents
    )
    flat, effects = read_out(found, rows, probes, bias)
    said = None if main.says is None else main.says[found.row, found.label][:, None]
    specific = (
        torch.zeros_like(found.projection)
        if child is None
        else _on_own_child(found, active, child)
    )
    rule = partial(paper_rule, flat, effects, split_says=said)
    rule = partial(rule, lead=LEAD, cosine=COSINE)
    value = {
        "main latents silent": found.silent,
        "paper, ablation, lead 1": rule().case,
        "paper, ablation, relative lead": rule(relative=RELATIVE_LEAD).case,
        "SAEBench, full": full_absorption(found).case,
        "SAEBench, fraction 0.6.0": fraction(found, version="0.6.0").case,
        "SAEBench, fraction 0.3.2": fraction(found, version="0.3.2").case,
        "confirmed by label": confirmed(found, within_label(found, active, has)).case,
        "confirmed by child": confirmed(found, specific).case,
    }
    return Readings(
        found.row,
        found.label,
        {name: value[name].to(found.total) for name in METRICS},
        found.judged,
    )


def read_out(
    found: Cases,
    rows: Rows,
    probes: Float[Tensor, "label d_model"],
    bias: Float[Tensor, " label"],
) -> tuple[Cases, Effects]:
    """Effects of taking out each active latent on m = <probe, row> + bias: -a_j <d_j,
    probe of the label>.

    Several labels may be true in one row, each with its own m. So the cases come back
    numbered as if each were a row of its own with one label, and the effects are those
    of its items.
    """
    length = probes.norm(dim=1).to(found.projection)
    entry = -found.projection * length[found.label[found.case]]
    flat = found._replace(
        entry=torch.arange(len(found.case)),
        row=torch.arange(len(found.row)),
        label=torch.zeros_like(found.label),
        judged=found.judged[:1],
    )
    return flat, Effects(
        entry, found.total * length[found.label] + bias.to(found.total)[found.label]
    )


def _on_own_child(
    found: Cases, active: Active, child: Int[Tensor, "row label"]
) -> Float[Tensor, " item"]:
    """Share of each item's latent's activation on rows of the child that is active in
    its row; 0 of none.
    """
    out, label = torch.zeros_like(found.projection), found.label[found.case]
    for number in label.unique().tolist():
        group, here = child[:, number] + 1, label == number
        some = found._replace(
            latent=found.latent[here], case=found.case[here], value=found.value[here]
        )
        out[here] = within_group(some, active, group, group) * (
            group[found.row[some.case]] > 0
        )
    return out


def asymmetry(
    w_enc: Float[Tensor, "d_model latent"], w_dec: Directions
) -> Float[Tensor, " latent"]:
    """1 - cos(encoder column, decoder row) of every latent: the detector without labels
    that 2409.14507 suggests (section 7), because absorption makes the parent's encoder
    avoid its children."""
    return 1 - functional.cosine_similarity(w_enc.T, w_dec, dim=1)
