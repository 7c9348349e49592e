"""The first-letter task in the paper's terms: best latents, precision and recall
against L0, absorption by the claim's rule and by SAEBench's two metrics.
"""

from typing import Any

from saecore.claims.absorption import trends
from saecore.claims.absorption.headline import Study
from saecore.measures.absorption.projections import fraction, full_absorption
from saecore.report.ranged import mean


def first_letter(study: Study) -> dict[str, Any]:
    """Numbers for tables: of the probe, of the base setting, and a row per setting."""
    letters, told = study.setting.letters, study.setting.told
    best = [one.best.f1[told] for one in study.base]
    return {
        "words": len(letters.words.words),
        "letters": len(letters.words.names),
        "letters told": int(told.sum()),
        "probe F1": float(letters.probes.f1[told].mean()),
        "best latent F1": mean(f1.mean() for f1 in best),
        "best latent F1, largest": max(float(f1.max()) for f1 in best),
        "letters that count": mean(one.counts.sum() for one in study.base),
        "full absorption": _of_base(study, lambda one: full_absorption(one.found).rate),
        "absorption fraction": _of_base(
            study, lambda one: fraction(one.found, version="0.3.2").rate
        ),
        "settings": [
            fidelity | rates
            for fidelity, rates in zip(
                trends.fidelities(study), trends.all_settings(study), strict=True
            )
        ],
        "nulls": trends.nulls_of_base(study),
    }


def _of_base(study: Study, rate: Any) -> float | None:
    """The mean over letters that count, then over seeds that have one."""
    every = [rate(one)[one.counts].nanmean() for one in study.base]
    known = [float(x) for x in every if x == x]
    return mean(known) if known else None
