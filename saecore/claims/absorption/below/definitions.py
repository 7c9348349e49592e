"""One question, many answers: other ways to choose main latents, other rates, other
thresholds, and gradients in place of ablation.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.absorption.headline import SAEReads, first_that_counts
from saecore.claims.absorption.reading import (
    SAERead,
    best_alone,
    cases_of,
    decide_by_rule,
    effects_of,
)
from saecore.claims.absorption.setting import Parents, Setting
from saecore.measures.absorption.ablation import Effects, Paths, effects_on
from saecore.measures.absorption.ablation import path_gradients as walked
from saecore.measures.absorption.cases import Cases, within_group, within_label
from saecore.measures.absorption.projections import confirmed, fraction, full_absorption
from saecore.measures.absorption.rates import (
    COSINE,
    LEAD,
    LEADS,
    RELATIVE_LEAD,
    Absorbed,
    averages,
    paper_rule,
    sensitivity,
)
from saecore.measures.algebra.intervals import over_seeds
from saecore.measures.probing.k_sparse import by_encoder, sparse_probes
from saecore.report.ranged import interval_columns, mean

JUMPS = (0.01, 0.03, 0.05)
"""F1 that one more main latent must add: the workable range of 2409.14507, A.11."""
PUBLISHED = "paper, gradients, lead 1"
"""The paper's rule as its code has it today."""


def ways_to_choose(setting: Setting, base: SAEReads) -> list[dict[str, Any]]:
    """Three ways to choose a letter's latents, over letters that the probe tells, in
    the first SAE of the base setting in which one counts.
    """
    recipe, letters, told = first_that_counts(base), setting.letters, setting.told
    one = base[recipe]
    by_text = sparse_probes(
        one.active,
        letters.words.labels,
        width=len(one.w_dec),
        fold=letters.probes.fold % 2,
        jump=setting.rule["f1_jump"],
        rule="paper",
    )
    w_enc = setting.zoo.get(recipe).W_enc
    by_cosine = by_encoder(w_enc, letters.probes.direction).other[:, 0]

    def row(rule: str, first: Tensor, size: float, f1: float | None) -> dict[str, Any]:
        agrees = float((first == one.best.latent)[told].float().mean())
        chosen = {"rule": rule, "main latents per letter": size, "their F1": f1}
        return chosen | {"first latent is the best single one": agrees}

    splits = {"code: largest weights": one.split, "text: largest magnitudes": by_text}
    rows = []
    for name, split in splits.items():
        size, f1 = split.size[told].float().mean(), split.main_f1[told].mean()
        rows.append(row(name, split.order[:, 0], float(size), float(f1)))
    return [*rows, row("encoder's cosine with the probe", by_cosine, 1.0, None)]


def definitions(setting: Setting, base: SAEReads) -> list[dict[str, Any]]:
    """The base setting by every published definition, and by ours: rates of letters
    that count with intervals over few seeds, and how many candidates of the paper's
    rule a change of it turns over.
    """
    level = setting.rule["confidence"]
    some = setting.grid.base[: setting.profile.few_seeds]
    every = [by_definition(base[one], setting, setting.zoo.get(one)) for one in some]
    rows = []
    for name in every[0]:
        means = [_means(base[r], x[name]) for r, x in zip(some, every, strict=True)]
        rate = over_seeds([m["as zero"] for m in means], level=level)
        row = {"metric": name} | interval_columns(rate, "as zero")
        row |= {n: mean(m[n] for m in means) for n in ("dropped", "all letters")}
        turned = [_turned(base[r], x, name) for r, x in zip(some, every, strict=True)]
        known = [count for count in turned if count is not None]
        rows.append(row | {"turned over": mean(known) if known else None})
    return rows


def by_definition(one: SAERead, setting: Setting, sae: Any) -> Mapping[str, Absorbed]:
    """Every decision about one SAE's cases.

    Names are those of `saecore.measures.absorption.metrics.METRICS`; what is done in
    another way than there follows the name. The word takes the place of the child.
    """
    letters, found, rule = setting.letters, one.found, partial(_paper, one)
    guess = path_effects(letters, one, origin=sae.b_dec)
    to_zero = path_effects(letters, one, origin=None)
    word = torch.arange(len(letters.words.words))
    by_label = within_label(found, one.active, letters.words.labels)
    by_word = within_group(found, one.active, word, word)
    unasked = {"split_says": None}
    return {
        PUBLISHED: rule(guess),
        "paper, ablation, lead 1": rule(one.effects),
        "paper, gradients to the zero vector, lead 1": rule(to_zero),
        f"{PUBLISHED}, by size (superseded)": rule(guess, ranking="magnitude"),
        "paper, ablation, lead 1, by size (superseded)": rule(
            one.effects, ranking="magnitude"
        ),
        "paper, ablation, lead 1, k-sparse probe not asked": rule(
            one.effects, **unasked
        ),
        "paper, ablation, relative lead, k-sparse probe not asked": rule(
            one.effects, relative=RELATIVE_LEAD, **unasked
        ),
        "the verdict's rule": one.decided,
        "the verdict's rule, best latent alone as main": best_alone(
            one, letters, setting.rule
        ),
        "SAEBench, full": full_absorption(found),
        "SAEBench, fraction 0.6.0": fraction(found, version="0.6.0"),
        "SAEBench, fraction 0.3.2": fraction(found, version="0.3.2"),
        "confirmed by label": confirmed(found, by_label),
        "confirmed by child": confirmed(found, by_word),
    }


def _paper(one: SAERead, effects: Effects, **other: Any) -> Absorbed:
    """The paper's rule, with some of it changed."""
    asked = {"split_says": one.split.decision, "lead": LEAD, "cosine": COSINE}
    return paper_rule(one.found, effects, **(asked | other))


def _means(one: SAERead, decided: Absorbed) -> dict[str, float]:
    """Means over letters: those that count, two ways, and all."""
    rate, candidates = decided.rate, _candidates(one, decided)
    counted = averages(rate.where(one.counts, torch.nan), candidates)
    return {
        "as zero": counted.as_zero,
        "dropped": counted.dropped,
        "all letters": float(rate.nanmean()),
    }


def _candidates(one: SAERead, decided: Absorbed) -> Tensor:
    if len(decided.candidate) != len(one.found.row):  # of other main latents
        return one.found.counts
    return decided.candidates(one.found)


def _turned(one: SAERead, every: Mapping[str, Absorbed], name: str) -> int | None:
    """How many of the paper's candidates a change of the effects or of their ranking
    decides otherwise; None for other definitions.
    """
    if not name.startswith("paper") or "asked" in name:
        return None
    counted = every[PUBLISHED].candidate & one.counts[one.found.label]
    differs = every[name].case != every[PUBLISHED].case
    return int((differs & counted).sum())


def path_effects(
    parents: Parents, one: SAERead, *, origin: Float[Tensor, " d_model"] | None
) -> Effects:
    """Integrated gradients of every latent that is active on a row with silent main
    latents: the path from the row to `origin`, the zero vector if None.
    """
    some = one.found.row[one.found.silent].unique()
    rows, metric = parents.rows[some], parents.metric
    path = walked(metric, rows, origin=origin, prompt=some, batch=48)
    gradient = torch.zeros_like(parents.rows)
    gradient[some] = path.gradient
    return effects_on(Paths(gradient, metric.clean, path.step), one.active, one.w_dec)


class Gradients(NamedTuple):
    """Integrated gradients beside full ablation, over the active latents of words with
    silent main latents in one SAE.
    """

    candidates: int
    """Words with silent main latents, of letters that count."""
    r: dict[str, float]
    """Correlation of the two, by where the path ends."""
    slope: dict[str, float]
    """Least-squares slope of gradients on ablation, through the origin."""
    same: dict[str, float]
    """Share of candidates that both decide alike, by the claim's rule."""


def gradients(setting: Setting, base: SAEReads) -> Gradients:
    """How well gradients stand in for ablation, in the first base SAE in which
    a letter counts.
    """
    recipe, letters = first_that_counts(base), setting.letters
    one = base[recipe]
    silent = one.found.silent & one.counts[one.found.label]
    entry = one.found.entry[one.found.silent[one.found.case]].unique()
    exact = one.effects.entry[entry]
    found = Gradients(int(silent.sum()), {}, {}, {})
    for name, origin in {"b_dec": setting.zoo.get(recipe).b_dec, "zero": None}.items():
        effects = path_effects(letters, one, origin=origin)
        guess = effects.entry[entry]
        decided = decide_by_rule(one.found, effects, setting.rule)
        same = (decided.case == one.decided.case)[silent].float().mean()
        found.r[name] = float(torch.corrcoef(torch.stack([guess, exact]))[0, 1])
        found.slope[name] = float((guess @ exact) / (exact @ exact))
        found.same[name] = float(same)
    return found


def moved_thresholds(setting: Setting, base: SAEReads) -> list[dict[str, Any]]:
    """The rate of the first SAE of the base setting in which a letter counts, by
    cosine, lead and F1 jump: means over those that do.
    """
    one = base[first_that_counts(base)]
    cosines = (0.0, COSINE, setting.rule["cosine"])
    moved = [with_jump(one, setting, jump) for jump in JUMPS]
    rates = [
        sensitivity(found, effects, cosines=cosines).absolute[0, ..., one.counts]
        for found, effects in moved
    ]
    means = torch.stack(rates).nanmean(-1)  # [jump, cosine, lead]
    return [
        {"cosine at least": cosine, "lead": f"{lead:g} logits"}
        | {f"F1 jump {jump:g}": float(means[n, i, j]) for n, jump in enumerate(JUMPS)}
        for i, cosine in enumerate(cosines)
        for j, lead in enumerate(LEADS)
    ]


def with_jump(one: SAERead, setting: Setting, jump: float) -> tuple[Cases, Effects]:
    """An SAE's cases when one more main latent must add `jump` to F1, and the effects
    there.
    """
    letters, width = setting.letters, len(one.w_dec)
    split = sparse_probes(
        one.active,
        letters.words.labels,
        width=width,
        fold=letters.probes.fold % 2,
        jump=jump,
    )
    main = split.main_mask(one.counts, width=width)
    found = cases_of(letters, one.active, one.w_dec, main)
    return found, effects_of(letters, one._replace(found=found))
