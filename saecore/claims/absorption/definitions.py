"""One question, many answers: other ways to choose main latents, other rates."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.claims.absorption.headline import Reads
from saecore.claims.absorption.reading import Read, alone
from saecore.claims.absorption.setting import Setting
from saecore.measures.absorption.ablation import effects_on
from saecore.measures.absorption.cases import within_group, within_label
from saecore.measures.absorption.projections import confirmed, fraction, full_absorption
from saecore.measures.absorption.rates import (
    COSINE,
    LEAD,
    RELATIVE_LEAD,
    Absorbed,
    Averages,
    averages,
    paper_rule,
)
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.probing.k_sparse import by_encoder, sparse_probes
from saecore.report.ranged import mean


class Definitions(NamedTuple):
    """The absorption rate of the base setting, by definition."""

    as_zero: dict[str, Interval]
    """Letters without candidates count as 0."""
    dropped: dict[str, float]
    """They are left out, as in the published code; means over seeds."""


def choices(setting: Setting, base: Reads) -> list[dict[str, Any]]:
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


def definitions(setting: Setting, base: Reads) -> Definitions:
    """The base setting by every published definition, and by ours."""
    every = [by_definition(base[recipe], setting) for recipe in setting.grid.base]
    level = setting.rule["confidence"]
    by_name = {name: [one[name] for one in every] for name in every[0]}
    return Definitions(
        {
            n: over_seeds([m.as_zero for m in x], level=level)
            for n, x in by_name.items()
        },
        {n: mean(m.dropped for m in x) for n, x in by_name.items()},
    )


def by_definition(one: Read, setting: Setting) -> Mapping[str, Averages]:
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
    best = alone(one, letters, setting.rule)
    return means | {"the verdict's rule, best latent alone as main": best}
