"""The absorption rate by width, sparsity and architecture, and beside SAEBench's."""

import math
from collections.abc import Mapping
from typing import Any

from saecore.claims.absorption.headline import Study
from saecore.claims.absorption.latents import Place, by_place
from saecore.claims.absorption.reading import SAERead
from saecore.measures.absorption.projections import fraction, full_absorption
from saecore.measures.algebra.intervals import Interval
from saecore.recipes.sae import SAERecipe
from saecore.report.figures import NAMES
from saecore.report.ranged import mean

SAEBENCH = {"topk": "topk", "relu": "standard", "matryoshka": "matryoshkabatchtopk"}
"""SAEBench's names of the architectures that both have."""


def rates(study: Study) -> dict[Place, Interval]:
    """The absorption rate of each setting; without those in which no letter counts."""
    found = {
        place: study.over(some, lambda s: s.rate.as_zero)
        for place, some in _with_matryoshka(study).items()
    }
    return {place: x for place, x in found.items() if not math.isnan(x.estimate)}


def all_settings(study: Study) -> list[dict[str, Any]]:
    """Letters that count, silent main latents, and the rate; means over seeds."""
    return [
        {"architecture": NAMES[kind], "width": width, "k": k}
        | _counted([study.saes[recipe] for recipe in some])
        for (kind, width, k), some in _with_matryoshka(study).items()
    ]


def _counted(saes: list[SAERead]) -> dict[str, float]:
    return {
        "letters that count": mean(s.rate.labels for s in saes),
        "main latents silent": mean(s.found.silent.float().mean() for s in saes),
        "absorption rate": mean(s.rate.as_zero for s in saes),
    }


def against_saebench(
    study: Study, published: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Smallest and largest rates by SAEBench's two metrics, theirs and ours.

    Ours are over all settings and seeds of an architecture with a letter that counts.
    """
    rows = []
    for kind, name in SAEBENCH.items():
        some = [
            one
            for (architecture, *_), recipes in _with_matryoshka(study).items()
            for one in (study.saes[recipe] for recipe in recipes)
            if architecture == kind and bool(one.found.judged.any())
        ]
        old = [fraction(one.found, version="0.3.2").rate for one in some]
        full = [full_absorption(one.found).rate for one in some]
        metrics = {"fraction": ("0.3.2", old), "full": ("absorption", full)}
        for metric, (version, ours) in metrics.items():
            means = [float(rate.nanmean()) for rate in ours]
            rows.append(
                {
                    "architecture": NAMES[kind],
                    "metric": f"{metric} {version}",
                    "Pythia-160M, smallest": min(published[name][metric]),
                    "largest": max(published[name][metric]),
                    "ours, smallest": min(means, default=None),
                    "ours, largest": max(means, default=None),
                }
            )
    return rows


def _with_matryoshka(study: Study) -> dict[Place, list[SAERecipe]]:
    grid = study.setting.grid
    return by_place(study) | {
        ("matryoshka", width, int(grid.base[0].k)): some
        for width, some in grid.matryoshka.items()
    }
