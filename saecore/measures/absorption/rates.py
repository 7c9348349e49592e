"""Absorption rates: words of a label on which its main latents are silent while another
latent carries it, over the words that the label's probe tells rightly.

`paper_rule` is the rule of Chanin et al. (2409.14507); it needs the effects of latents
on the model's answer (`ablation`). SAEBench's metrics, which need directions only, are
in `projections`. What is really absorbed, where the features are known, is in
`true_outcomes`.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.absorption.ablation import Effects
from saecore.measures.absorption.cases import Cases, first_two, summed

LEAD = 1.0
"""Logits by which the absorber must lead: `ablation_delta_threshold` of sae-spelling;
paper, A.11 (0.5-3).
"""
RELATIVE_LEAD = 0.15
"""The same as a share of |m|, for models whose logits have another scale. Ours, not
published.
"""
COSINE = 0.025
"""Least cosine of absorber and probe: `probe_cos_sim_threshold`, A.11 (0-0.05);
SAEBench: full absorption.
"""
LEADS, RELATIVE_LEADS = (0.5, 1.0, 3.0), (0.05, 0.15, 0.3)
"""Grids of `sensitivity`: the workable range that A.11 states, and for the relative
lead a third and twice.
"""

Ranking = Literal["magnitude", "helpful"]


class Absorbed(NamedTuple):
    """Which cases are absorbed, and the rate of each label."""

    case: Float[Tensor, "case"]
    """1 absorbed, 0 not; a fraction lies between."""
    latent: Int[Tensor, "case"]
    """The latent that leads by this metric; -1 where no latent takes part."""
    candidate: Bool[Tensor, "case"]
    """Cases that were looked at: the others count as not absorbed."""
    rate: Float[Tensor, "label"]
    """Sum over cases / true positives of the probe; nan without any."""

    def candidates(self, found: Cases) -> Int[Tensor, "label"]:
        """Candidates of each label."""
        return summed(self.candidate.long(), found.label, len(found.judged))


def paper_rule(
    found: Cases,
    effects: Effects,
    *,
    lead: float,
    cosine: float,
    ranking: Ranking = "helpful",
    relative: float | None = None,
    split_says: Bool[Tensor, "row label"] | None = None,
) -> Absorbed:
    """The absorption rate of 2409.14507, section 4 (feature_absorption_calculator.py).

    A candidate is a true positive of the probe that the k-sparse probe on the main
    latents misses (`split_says` false; None takes all true positives) and on which all
    main latents are silent (< 1e-8). It is absorbed iff, with latents sorted by
    their effect, the most negative first,

        effect of the first <= 0,  |first| - |second| >= lead,  cos(probe, direction of
        the first) >= cosine.

    rate = absorbed / true positives. The paper takes LEAD and COSINE. `relative` takes
    relative * |m| of the unedited row instead of `lead`. Latents that are not active
    have effect 0, so no harmful latent comes before them. The ranking "magnitude"
    sorts by |effect| instead, as the authors' code did until their commit 1d3cc80 of
    23 September 2024: a harmful latent may then come first or second.

    Departures: every candidate is looked at (the code draws 200 per letter and scales
    up); the effects may be exact. Raises ValueError for effects that are nan where a
    candidate needs them.
    """
    candidate = _silent(found, split_says)
    leading = _leading(found, effects, candidate, ranking)
    enough = leading.margin >= (lead if relative is None else relative * leading.clean)
    absorbed = candidate & leading.helps & enough & (leading.cosine >= cosine)
    return as_absorbed(found, absorbed, leading)


def background_rule(
    found: Cases, effects: Effects, *, lead: float, cosine: float
) -> Absorbed:
    """The null of `paper_rule` from the same dictionary: how often it would be met if
    silence had nothing to do with it.

    The same rule, the main latents left aside, on the true positives on which they do
    fire. The share that meets it there, times the share of true positives on which
    they are silent, is the rate; nan where they fire on none. If the rate of
    `paper_rule` is no larger, a leading latent is as usual where the main latents
    speak as where they are silent, and the rate is only 1 - recall. Ours.
    """
    candidate = ~found.silent
    leading = _leading(found, effects, candidate, "helpful", ~found.main)
    passed = candidate & leading.helps & (leading.margin >= lead)
    absorbed = as_absorbed(found, passed & (leading.cosine >= cosine), leading)
    return absorbed._replace(rate=silent_share(found, absorbed.case))


def silent_share(found: Cases, value: Float[Tensor, "case"]) -> Float[Tensor, "label"]:
    """A value's mean over a label's cases whose main latents fire, times the share of
    those where they are silent.
    """
    fires, labels = (~found.silent).to(value), len(found.judged)
    firing = summed(fires, found.label, labels)
    passing = summed(value * fires, found.label, labels)
    return passing / firing * (1 - firing / found.counts)


class Averages(NamedTuple):
    """One number from the rates of all labels."""

    as_zero: float
    """Mean over labels that the probe tells, those without candidates counted as 0."""
    dropped: float
    """Mean over labels with candidates only, as the published code does: biased
    upwards.
    """
    labels: int
    """Labels in the first mean."""
    with_candidates: int
    """Labels in the second."""


def averages(
    rate: Float[Tensor, "label"], candidates: Int[Tensor, "label"]
) -> Averages:
    """Both means over labels; labels with a rate of nan (no true positive, or not
    judged) are in neither.

    sae-spelling makes a table with a row per candidate and averages by letter, so a
    letter without a surviving candidate vanishes instead of counting as 0. An empty
    mean is nan.
    """
    told = ~rate.isnan()
    some = told & (candidates > 0)
    zero = torch.where(some[told], rate[told], 0.0).mean()
    return Averages(
        float(zero), float(rate[some].mean()), int(told.sum()), int(some.sum())
    )


class Sensitivity(NamedTuple):
    """The rate under other thresholds; the first axis is the set of main latents (the
    F1 jump).
    """

    absolute: Float[Tensor, "main cosine lead label"]
    """With the lead in logits."""
    relative: Float[Tensor, "main cosine lead label"]
    """With the lead as a share of |m|."""
    cosines: tuple[float, ...]
    """Least cosines of the second axis."""
    leads: tuple[float, ...]
    """Least leads of the third axis, in logits."""
    relative_leads: tuple[float, ...]
    """The same as shares of |m|."""


def sensitivity(
    found: Cases | Sequence[Cases],
    effects: Effects,
    *,
    cosines: Sequence[float],
    leads: Sequence[float] = LEADS,
    relative_leads: Sequence[float] = RELATIVE_LEADS,
    ranking: Ranking = "helpful",
    split_says: Sequence[Bool[Tensor, "row label"] | None] | None = None,
) -> Sensitivity:
    """`paper_rule` over a grid of thresholds (2409.14507, A.11), every effect sorted
    once.

    The F1 jump of the split set decides which latents are main, so give one `Cases` per
    jump (and one `split_says` each, if any); rows and effects are the same for all.
    """
    every = [found] if isinstance(found, Cases) else list(found)
    says = [None] * len(every) if split_says is None else list(split_says)
    absolute, relative = [], []
    for one, said in zip(every, says, strict=True):
        candidate = _silent(one, said)
        leading = _leading(one, effects, candidate, ranking)
        near = (
            leading.cosine
            >= torch.tensor(list(cosines)).to(leading.cosine)[:, None, None]
        )
        fair = candidate & leading.helps
        for grid, wanted in (
            (absolute, torch.ones_like(leading.clean)),
            (relative, leading.clean),
        ):
            bars = leads if grid is absolute else relative_leads
            enough = (
                leading.margin
                >= torch.tensor(list(bars)).to(wanted)[None, :, None] * wanted
            )
            grid.append(_rate(one, (near & enough & fair).to(one.value)))
    return Sensitivity(
        torch.stack(absolute),
        torch.stack(relative),
        tuple(cosines),
        tuple(leads),
        tuple(relative_leads),
    )


class Leading(NamedTuple):
    """The item that leads each case, by some score."""

    item: Tensor
    """-1 where there is none."""
    latent: Tensor
    """Its latent; -1 where there is none."""
    margin: Tensor
    """|first| - |second| for effects; the first's projection for projections."""
    cosine: Tensor
    """-inf where there is none."""
    helps: Tensor
    """Whether the answer depends on it (true by projection, which does not say)."""
    candidate: Tensor
    """Cases that are looked at."""
    clean: Tensor
    """|m| of the case, or the row's own projection."""


def _silent(found: Cases, split_says: Tensor | None) -> Tensor:
    """Cases with silent main latents which the k-sparse probe, if asked, misses."""
    if split_says is None:
        return found.silent
    return found.silent & ~split_says[found.row, found.label]


def _leading(
    found: Cases,
    effects: Effects,
    candidate: Tensor,
    ranking: Ranking,
    takes_part: Tensor | None = None,
) -> Leading:
    if ranking not in ("magnitude", "helpful"):
        raise ValueError(
            "latents are ranked by magnitude or as helpful, "
            f"got {ranking!r}; choose one of them"
        )
    effect = effects.entry[found.entry]
    if effect[candidate[found.case]].isnan().any():
        raise ValueError(
            "effects of all active latents are needed where a case is a candidate, "
            "got nan among them; compute those entries too"
        )
    # a latent that is silent has effect 0, and comes before every harmful one
    score = effect.abs() if ranking == "magnitude" else (-effect).clamp_min(0)
    score = score.nan_to_num(0)
    if takes_part is not None:
        score = score.masked_fill(~takes_part, -torch.inf)
    item, first, second = first_two(score, found)
    helps = at_item(effect, item, 0.0) <= 0
    cosine = at_item(found.cosine, item, -torch.inf)
    clean = effects.clean[found.row].abs()
    return Leading(
        item,
        at_item(found.latent, item, -1),
        first - second,
        cosine,
        helps,
        candidate,
        clean,
    )


def at_item(values: Tensor, item: Tensor, missing: float) -> Tensor:
    """values[item], and `missing` where there is no item."""
    out = values.new_full(item.shape, missing)
    out[item >= 0] = values[item[item >= 0]]
    return out


def _rate(found: Cases, value: Tensor) -> Tensor:
    """[*grid, case] to [*grid, label]: sum over a label's cases / their number."""
    total = value.new_zeros(*value.shape[:-1], len(found.judged)).index_add_(
        -1, found.label, value
    )
    return total / found.counts  # 0 / 0 is nan


def as_absorbed(found: Cases, value: Tensor, leading: Leading) -> Absorbed:
    value = value.to(found.value)
    return Absorbed(value, leading.latent, leading.candidate, _rate(found, value))
