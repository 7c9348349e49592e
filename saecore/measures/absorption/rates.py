"""Absorption: words of a label on which its main latents are silent, and another latent
carries it.

Chanin et al. (2409.14507) and SAEBench give several metrics; each is a short function
here on the same `cases`. `paper_rule` needs the effects of latents on the model's
answer (`attribution.ablated` or `attribution.integrated_gradients`); the others need
directions only. What is really absorbed, where the features are known, is in
`outcomes`.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.absorption.ablation import Effects
from saecore.measures.absorption.cases import Cases, cases, first_two, ranked, summed
from saecore.measures.absorption.purity import within_group, within_label

__all__ = [
    "Absorbed",
    "Averages",
    "Cases",
    "Sensitivity",
    "averages",
    "cases",
    "confirmed",
    "fraction",
    "full_absorption",
    "paper_rule",
    "sensitivity",
    "within_group",
    "within_label",
]

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
FRACTION_COSINE = 0.1
"""The same in SAEBench's fraction: `absorption_fraction_probe_cos_sim_threshold`,
0.6.0.
"""
SHARE = 0.4
"""Least share of the probe's projection that absorbers carry:
`probe_projection_proportion_threshold`.
"""
MOST_ABSORBERS = 3
"""Latents that may absorb together: `absorption_fraction_max_absorbing_latents`,
SAEBench 0.6.0.
"""
PURITY = 0.7
"""Least share of an absorber's activation that lies on its own word (or label). Ours,
not published.
"""
LEADS, RELATIVE_LEADS, COSINES = (0.5, 1.0, 3.0), (0.05, 0.15, 0.3), (0.0, 0.025, 0.05)
"""Grids of `sensitivity`: the stated workable ranges of A.11, and for the relative lead
a third and twice.
"""

Version = Literal["0.3.2", "0.6.0"]
Ranking = Literal["magnitude", "helpful"]


class Absorbed(NamedTuple):
    """Which cases are absorbed, and the rate of each label."""

    case: Float[Tensor, "case"]  # 1 absorbed, 0 not; a fraction lies between
    latent: Int[
        Tensor, "case"
    ]  # the latent that leads by this metric; -1 where no latent takes part
    candidate: Bool[
        Tensor, "case"
    ]  # cases that were looked at: the others count as not absorbed
    rate: Float[
        Tensor, "label"
    ]  # sum over cases / true positives of the probe; nan without any

    def candidates(self, found: Cases) -> Int[Tensor, "label"]:
        """Candidates of each label."""
        return summed(self.candidate.long(), found.label, len(found.judged))


def paper_rule(
    found: Cases,
    effects: Effects,
    *,
    lead: float = LEAD,
    relative: float | None = None,
    cosine: float = COSINE,
    split_says: Bool[Tensor, "row label"] | None = None,
    ranking: Ranking = "magnitude",
) -> Absorbed:
    """The absorption rate of 2409.14507 (section 4; exact algorithm:
    feature_absorption_calculator.py).

    A candidate is a true positive of the probe that the k-sparse probe on the main
    latents misses (`split_says` false; None takes all true positives) and on which all
    main latents are silent (< 1e-8). It is absorbed iff, with latents sorted by
    |effect|,

        effect of the first <= 0,  |first| - |second| >= lead,  cos(probe, direction of
        the first) >= cosine.

    rate = absorbed / true positives. `relative` takes relative * |m| of the unedited
    row instead of `lead`. Latents that are not active have effect 0.
    `ranking="helpful"` sorts by the effect itself, most negative first, so that harmful
    latents do not compete; the paper's text can be read so, its code takes magnitudes.

    Departures: every candidate is looked at (the code draws 200 per letter and scales
    up); the effects may be exact. Raises ValueError for effects that are nan where a
    candidate needs them.
    """
    leading = _leading(found, effects, split_says, ranking)
    enough = leading.margin >= (lead if relative is None else relative * leading.clean)
    return _absorbed(
        found,
        leading.candidate & leading.helps & enough & (leading.cosine >= cosine),
        leading,
    )


def full_absorption(
    found: Cases, *, cosine: float = COSINE, share: float = SHARE
) -> Absorbed:
    """SAEBench's full absorption, 0 or 1 (`_is_full_absorption`; the same in 0.3.2 and
    0.6.0).

    All main latents silent; the latent with the largest projection on the probe has cos
    >= `cosine` and at least `share` of the row's own projection, which is above 0.
    Every true positive is a candidate.
    """
    leading = _by_projection(found, torch.ones_like(found.main))
    carries = (found.total > 0) & (leading.margin >= share * found.total)
    return _absorbed(
        found, found.silent & carries & (leading.cosine >= cosine), leading
    )


def fraction(
    found: Cases,
    *,
    version: Version = "0.6.0",
    cosine: float = FRACTION_COSINE,
    share: float = SHARE,
    most: int = MOST_ABSORBERS,
) -> Absorbed:
    """SAEBench's absorption fraction: how much of the probe's direction others carry
    instead of the main.

    P is the row's projection on the unit probe, M that of the main latents together.

    0.6.0 (PR #62): A is the sum of the `most` largest positive projections among other
    latents with cos >= `cosine`. 0 if M >= P or A < share * P; 1 if M <= 0; else u / (u
    + M) with u = min(A, P - M). 0.3.2 (PR #48; the published numbers): T is the
    projection of all latents together. 0 if M >= P or T <= 0; else (T - M) / T, clipped
    to 0..1. Its options are not used.

    A row with P <= 0 counts 0 in 0.6.0. Raises ValueError for another version.
    """
    total, main = found.total, found.main_sum
    takes_part = ~found.main & (found.cosine >= cosine) & (found.projection > 0)
    leading = _by_projection(found, ~found.main if version == "0.3.2" else takes_part)
    if version == "0.3.2":
        every = summed(found.projection, found.case, len(total))
        value = torch.where(
            (main < total) & (every > 0), ((every - main) / every).clamp(0, 1), 0.0
        )
    elif version == "0.6.0":
        others = _largest(found, takes_part, most)
        taken = torch.minimum(others, total - main)
        value = torch.where(main > 0, (taken / (taken + main)).clamp(0, 1), 1.0)
        value = torch.where(
            (main < total) & (others >= share * total) & (total > 0), value, 0.0
        )
    else:
        raise ValueError(
            f"SAEBench's fraction has the versions 0.3.2 and 0.6.0, got {version!r}; choose one"
        )
    return _absorbed(found, value, leading)


def confirmed(
    found: Cases,
    purity: Float[Tensor, "item"],
    *,
    share: float = SHARE,
    pure: float = PURITY,
) -> Absorbed:
    """Absorbed by a latent that is specific: the stricter rule (ours, against false
    positives).

    All main latents silent; the other latent with the largest projection on the probe
    carries at least `share` of the row's, which is above 0; and at least `pure` of that
    latent's activation lies where it should: on this word (`within_group`) or on rows
    of this label (`within_label`). Without the last, SAEBench's rules score random sets
    of words above real labels on small models.

    Raises ValueError if `purity` is not one number per item.
    """
    if len(purity) != len(found.case):
        raise ValueError(
            f"purity must be one number per item, got {len(purity)} for {len(found.case)}"
        )
    leading = _by_projection(found, ~found.main)
    own = _at(purity, leading.item, 0.0)
    carries = (found.total > 0) & (leading.margin >= share * found.total)
    return _absorbed(found, found.silent & carries & (own >= pure), leading)


class Averages(NamedTuple):
    """One number from the rates of all labels."""

    # mean over labels that the probe tells, those without candidates counted as 0
    as_zero: float
    # mean over labels with candidates only, as the published code does: biased upwards
    dropped: float
    labels: int  # labels in the first mean
    with_candidates: int  # labels in the second


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

    absolute: Float[Tensor, "main cosine lead label"]  # with the lead in logits
    relative: Float[Tensor, "main cosine lead label"]  # with the lead as a share of |m|
    cosines: tuple[float, ...]
    leads: tuple[float, ...]
    relative_leads: tuple[float, ...]


def sensitivity(
    found: Cases | Sequence[Cases],
    effects: Effects,
    *,
    cosines: Sequence[float] = COSINES,
    leads: Sequence[float] = LEADS,
    relative_leads: Sequence[float] = RELATIVE_LEADS,
    split_says: Sequence[Bool[Tensor, "row label"] | None] | None = None,
    ranking: Ranking = "magnitude",
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
        leading = _leading(one, effects, said, ranking)
        near = (
            leading.cosine
            >= torch.tensor(list(cosines)).to(leading.cosine)[:, None, None]
        )
        fair = leading.candidate & leading.helps
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


class _Leading(NamedTuple):
    """The item that leads each case."""

    item: Tensor  # -1 where there is none
    latent: Tensor
    margin: (
        Tensor  # |first| - |second| for effects; the first's projection for projections
    )
    cosine: Tensor  # -inf where there is none
    helps: Tensor
    candidate: Tensor
    clean: Tensor  # |m|


def _leading(
    found: Cases, effects: Effects, split_says: Tensor | None, ranking: Ranking
) -> _Leading:
    if ranking not in ("magnitude", "helpful"):
        raise ValueError(
            f"latents are ranked by magnitude or as helpful, got {ranking!r}; choose one of them"
        )
    candidate = (
        found.silent
        if split_says is None
        else found.silent & ~split_says[found.row, found.label]
    )
    effect = effects.entry[found.entry]
    if effect[candidate[found.case]].isnan().any():
        raise ValueError(
            "effects of all active latents are needed where a main latent is silent, got nan among them; "
            "compute those entries too"
        )
    # a latent that is silent has effect 0, and comes before every harmful one
    score = effect.abs() if ranking == "magnitude" else (-effect).clamp_min(0)
    item, first, second = first_two(score.nan_to_num(0), found)
    helps = _at(effect, item, 0.0) <= 0
    cosine = _at(found.cosine, item, -torch.inf)
    clean = effects.clean[found.row].abs()
    return _Leading(
        item,
        _at(found.latent, item, -1),
        first - second,
        cosine,
        helps,
        candidate,
        clean,
    )


def _by_projection(found: Cases, takes_part: Tensor) -> _Leading:
    score = found.projection.masked_fill(~takes_part, -torch.inf)
    item, first, _ = first_two(score, found)
    every = torch.ones_like(found.silent)
    cosine = _at(found.cosine, item, -torch.inf)
    return _Leading(
        item, _at(found.latent, item, -1), first, cosine, every, every, found.total
    )


def _largest(found: Cases, takes_part: Tensor, most: int) -> Tensor:
    """Sum of the `most` largest projections of each case among those that take part."""
    score = torch.where(takes_part, found.projection, 0.0)
    order = ranked(score, found)
    place = (
        torch.arange(len(order), device=order.device) - found.pointer[found.case[order]]
    )
    kept = order[place < most]
    return summed(score[kept], found.case[kept], len(found.row))


def _at(values: Tensor, item: Tensor, missing: float) -> Tensor:
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


def _absorbed(found: Cases, value: Tensor, leading: _Leading) -> Absorbed:
    value = value.to(found.value)
    return Absorbed(value, leading.latent, leading.candidate, _rate(found, value))
