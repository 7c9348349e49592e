"""What the rate owes to its thresholds, and to gradients in place of ablation."""

from typing import NamedTuple

import torch

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


def moved_thresholds(setting: Setting, base: Reads) -> Sensitivity:
    """The rate of the first SAE of the base setting, by F1 jump, cosine and lead."""
    one = base[setting.grid.base[0]]
    return sensitivity(
        [with_jump(one, setting, jump) for jump in JUMPS],
        one.effects,
        cosines=(0.0, COSINE, setting.rule["cosine"]),
        ranking="helpful",
    )


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
