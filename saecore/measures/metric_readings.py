"""Every published metric of absorption read on the same rows, with a linear probe as the model.

Where true features are known there is no language model to ask. The probe's own logit then stands for the
answer, m = <w, row> + b: it is linear, so the effect of taking out latent j is exactly -a_j <d_j, w>, and
integrated gradients give the same number as ablation. What is tested is the rule, not the estimate.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.measures.absorption import confirmed, fraction, full_absorption, paper_rule
from saecore.measures.attribution import Effects
from saecore.measures.cases import cases
from saecore.measures.purity import within_group, within_label
from saecore.shapes import Directions, Rows
from saecore.sparse import Active

METRICS = (
    "main latents silent",
    "paper, ablation, lead 1",
    "paper, ablation, relative lead",
    "paper, projection",
    "SAEBench, full",
    "SAEBench, fraction 0.6.0",
    "SAEBench, fraction 0.3.2",
    "confirmed by label",
    "confirmed by child",
)
"""In this order everywhere. The first is no metric of absorption but the hole that all of them look at."""
GRADED = ("SAEBench, fraction 0.6.0", "SAEBench, fraction 0.3.2")


class Readings(NamedTuple):
    """What each metric says of the same cases: rows with the label on which the label's probe says so."""

    row: Int[Tensor, " case"]
    """Which row."""
    label: Int[Tensor, " case"]
    """Which label."""
    value: dict[str, Float[Tensor, " case"]]
    """By metric: 1 absorbed, 0 not, or a fraction."""
    judged: Bool[Tensor, " label"]
    """Labels that have main latents."""


def readings(
    active: Active,
    w_dec: Directions,
    rows: Rows,
    *,
    probes: Float[Tensor, "label d_model"],
    bias: Float[Tensor, " label"],
    has: Bool[Tensor, "row label"],
    says: Bool[Tensor, "row label"],
    main: Bool[Tensor, "label latent"],
    main_says: Bool[Tensor, "row label"] | None = None,
    child: Int[Tensor, "row label"] | None = None,
) -> Readings:
    """All of METRICS for all labels. Rows, probes and decisions as in `cases.cases`.

    `main_says` are the decisions of the k-sparse probe on the main latents, which the paper's rule wants to
    be false; `child` says which child of each label is active in a row (-1: none), which "confirmed by child"
    needs: it asks that 70 % of the absorber's activation lie on rows of this child. That one knows part of
    the truth; on a language model the word takes the child's place. "paper, projection" is A.13 of the paper
    with the threshold 0.4 of SAEBench and no bound on the cosine.

    Raises ValueError where shapes do not fit.
    """
    found = cases(active, w_dec, rows, probes=probes, has=has, says=says, main=main)
    value = {
        "main latents silent": found.silent,
        "paper, projection": full_absorption(found, cosine=-1).case,
        "SAEBench, full": full_absorption(found).case,
        "SAEBench, fraction 0.6.0": fraction(found, version="0.6.0").case,
        "SAEBench, fraction 0.3.2": fraction(found, version="0.3.2").case,
        "confirmed by label": confirmed(found, within_label(found, active, has)).case,
    }
    value |= {name: torch.zeros_like(found.total) for name in METRICS if name not in value}
    for label in range(len(probes)):
        here, only = found.label == label, slice(label, label + 1)
        one = cases(
            active, w_dec, rows, probes=probes[only], has=has[:, only], says=says[:, only], main=main[only]
        )
        effects = read_out(active, w_dec, rows, probes[label], bias[label])
        said = None if main_says is None else main_says[:, only]
        for name, relative in (("lead 1", None), ("relative lead", 0.15)):
            absorbed = paper_rule(one, effects, relative=relative, split_says=said)
            value[f"paper, ablation, {name}"][here] = absorbed.case.to(found.total)
        if child is not None:
            group = child[:, label] + 1
            specific = within_group(one, active, group, group)
            value["confirmed by child"][here] = confirmed(one, specific).case * (group[one.row] > 0)
    ordered = {name: value[name].to(found.total) for name in METRICS}
    return Readings(found.row, found.label, ordered, found.judged)


def read_out(
    active: Active,
    w_dec: Directions,
    rows: Rows,
    direction: Float[Tensor, " d_model"],
    bias: Float[Tensor, ""] | float = 0.0,
) -> Effects:
    """Effects of taking out each active latent on m = <direction, row> + bias: -a_j <d_j, direction>."""
    along = w_dec @ direction.to(w_dec)
    entry = -active.value * along[active.latent.long()]
    return Effects(entry, rows @ direction.to(rows) + bias)


def asymmetry(w_enc: Float[Tensor, "d_model latent"], w_dec: Directions) -> Float[Tensor, " latent"]:
    """1 - cos(encoder column, decoder row) of every latent: the detector without labels that 2409.14507
    suggests (section 7), because absorption makes the parent's encoder avoid its children."""
    return 1 - functional.cosine_similarity(w_enc.T, w_dec, dim=1)
