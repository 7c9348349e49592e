"""What the rate owes to its thresholds, and to gradients in place of ablation."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.claims.absorption.headline import Reads
from saecore.claims.absorption.reading import Read, cases_of, decide
from saecore.claims.absorption.setting import Setting
from saecore.measures.absorption.ablation import ablated, effects_on
from saecore.measures.absorption.cases import Cases
from saecore.measures.absorption.rates import COSINE, Sensitivity, sensitivity
from saecore.measures.probing.k_sparse import sparse_probes

JUMPS = (0.01, 0.03, 0.05)
"""F1 that one more main latent must add: the workable range of 2409.14507, A.11."""


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


def gradients(setting: Setting, base: Reads) -> Gradients:
    """How well gradients stand in for ablation, in the first base SAE."""
    letters, one = setting.letters, base[setting.grid.base[0]]
    assert letters.paths is not None  # letters are asked about
    guess = effects_on(letters.paths, one.active, one.w_dec)
    whole = ablated(letters.metric, letters.rows, one.active, one.w_dec)
    screened, guessed, exact = (
        decide(one.found, effects, setting.rule).case
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


def moved_thresholds(setting: Setting, base: Reads) -> Moved:
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


def with_jump(one: Read, setting: Setting, jump: float) -> Cases:
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
