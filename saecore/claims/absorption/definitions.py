"""One question, many answers: other ways to choose main latents, other rates, other
thresholds, and gradients in place of ablation.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.claims.absorption.headline import SAEReads
from saecore.claims.absorption.reading import (
    SAERead,
    best_alone,
    cases_of,
    decide_by_rule,
)
from saecore.claims.absorption.setting import Setting
from saecore.measures.absorption.ablation import ablated, effects_on
from saecore.measures.absorption.cases import Cases, within_group, within_label
from saecore.measures.absorption.projections import confirmed, fraction, full_absorption
from saecore.measures.absorption.rates import (
    COSINE,
    LEAD,
    RELATIVE_LEAD,
    Absorbed,
    Averages,
    Sensitivity,
    averages,
    paper_rule,
    sensitivity,
)
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.probing.k_sparse import by_encoder, sparse_probes
from saecore.report.ranged import mean

JUMPS = (0.01, 0.03, 0.05)
"""F1 that one more main latent must add: the workable range of 2409.14507, A.11."""


class Definitions(NamedTuple):
    """The absorption rate of the base setting, by definition."""

    as_zero: dict[str, Interval]
    """Letters without candidates count as 0."""
    dropped: dict[str, float]
    """They are left out, as in the published code; means over seeds."""


def ways_to_choose(setting: Setting, base: SAEReads) -> list[dict[str, Any]]:
    """Three ways to choose a letter's latents, over letters that the probe tells, in
    the first SAE of the base setting.
    """
    recipe, letters, told = setting.grid.base[0], setting.letters, setting.told
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


def definitions(setting: Setting, base: SAEReads) -> Definitions:
    """The base setting by every published definition, and by ours."""
    every = [rates_by_definition(base[recipe], setting) for recipe in setting.grid.base]
    level = setting.rule["confidence"]
    by_name = {name: [one[name] for one in every] for name in every[0]}
    return Definitions(
        {
            n: over_seeds([m.as_zero for m in x], level=level)
            for n, x in by_name.items()
        },
        {n: mean(m.dropped for m in x) for n, x in by_name.items()},
    )


def rates_by_definition(one: SAERead, setting: Setting) -> Mapping[str, Averages]:
    """Every rate of one SAE.

    Names are those of `saecore.measures.absorption.metrics.METRICS`; what is done in
    another way than there follows the name. The word takes the place of the child.
    """
    letters, found = setting.letters, one.found
    assert letters.paths is not None  # letters are asked about
    guess = effects_on(letters.paths, one.active, one.w_dec)
    word = torch.arange(len(letters.words.words))
    by_label = within_label(found, one.active, letters.words.labels)
    by_word = within_group(found, one.active, word, word)

    def paper(effects=one.effects, **other) -> Absorbed:
        published = {"lead": LEAD, "cosine": COSINE, "ranking": "magnitude"}
        return paper_rule(found, effects, **(published | other))

    rates = {
        "the verdict's rule": one.decided,
        "paper, ablation, lead 1": paper(split_says=one.split.decision),
        "paper, ablation, lead 1, k-sparse probe not asked": paper(),
        "paper, gradients, lead 1, k-sparse probe not asked": paper(guess),
        "paper, ablation, relative lead, k-sparse probe not asked": paper(
            relative=RELATIVE_LEAD
        ),
        "SAEBench, full": full_absorption(found),
        "SAEBench, fraction 0.6.0": fraction(found, version="0.6.0"),
        "SAEBench, fraction 0.3.2": fraction(found, version="0.3.2"),
        "confirmed by label": confirmed(found, by_label),
        "confirmed by child": confirmed(found, by_word),
    }
    means = {n: averages(r.rate, r.candidates(found)) for n, r in rates.items()}
    best = best_alone(one, letters, setting.rule)
    return means | {"the verdict's rule, best latent alone as main": best}


class Gradients(NamedTuple):
    """Integrated gradients beside full ablation, over the active latents of all words
    of one SAE.
    """

    r: float
    """Correlation of the two."""
    slope: float
    """Least-squares slope of gradients on ablation, through the origin."""
    same_gradients: float
    """Share of words with silent main latents that gradients alone decide alike."""
    same_screened: float
    """The same when the latents that gradients rank first are ablated."""


def gradients(setting: Setting, base: SAEReads) -> Gradients:
    """How well gradients stand in for ablation, in the first base SAE."""
    letters, one = setting.letters, base[setting.grid.base[0]]
    assert letters.paths is not None  # letters are asked about
    guess = effects_on(letters.paths, one.active, one.w_dec)
    whole = ablated(letters.metric, letters.rows, one.active, one.w_dec)
    screened, guessed, exact = (
        decide_by_rule(one.found, effects, setting.rule).case
        for effects in (one.effects, guess, whole)
    )
    silent, pair = one.found.silent, torch.stack([guess.entry, whole.entry])
    return Gradients(
        r=float(torch.corrcoef(pair)[0, 1]),
        slope=float((guess.entry @ whole.entry) / (whole.entry @ whole.entry)),
        same_gradients=float((guessed == exact)[silent].float().mean()),
        same_screened=float((screened == exact)[silent].float().mean()),
    )


class Moved(NamedTuple):
    """The rate of one SAE at other thresholds: a row for each cosine and lead, a column
    for each F1 jump; means over letters.
    """

    absolute: list[dict[str, Any]]
    """With the lead in logits."""
    relative: list[dict[str, Any]]
    """With the lead as a share of the word's own lead."""


def moved_thresholds(setting: Setting, base: SAEReads) -> Moved:
    """The rate of the first SAE of the base setting, by cosine, lead and F1 jump."""
    one = base[setting.grid.base[0]]
    found = sensitivity(
        [with_jump(one, setting, jump) for jump in JUMPS],
        one.effects,
        cosines=(0.0, COSINE, setting.rule["cosine"]),
        ranking="helpful",
    )
    leads = [f"{lead:g} logits" for lead in found.leads]
    shares = [f"{lead:g} of m" for lead in found.relative_leads]
    absolute = _rows(found, found.absolute, leads)
    return Moved(absolute, _rows(found, found.relative, shares))


def _rows(found: Sensitivity, rates: Tensor, leads: list[str]) -> list[dict[str, Any]]:
    """`rates` [main, cosine, lead, label] as rows of a table."""
    means = rates.nanmean(-1)
    return [
        {"cosine at least": cosine, "lead": lead}
        | {f"F1 jump {jump:g}": float(means[n, i, j]) for n, jump in enumerate(JUMPS)}
        for i, cosine in enumerate(found.cosines)
        for j, lead in enumerate(leads)
    ]


def with_jump(one: SAERead, setting: Setting, jump: float) -> Cases:
    """An SAE's cases when one more main latent must add `jump` to F1."""
    letters, width = setting.letters, len(one.w_dec)
    split = sparse_probes(
        one.active,
        letters.words.labels,
        width=width,
        fold=letters.probes.fold % 2,
        jump=jump,
    )
    main = split.main_mask(one.found.judged, width=width)
    return cases_of(letters, one.active, one.w_dec, main)
