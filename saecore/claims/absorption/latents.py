"""How well latents tell first letters: by what the SAE was trained on, by setting, and
with splitting allowed.
"""

from typing import Any, NamedTuple

from saecore.claims.absorption.headline import Study
from saecore.measures.algebra.intervals import Interval
from saecore.recipes.sae import SAERecipe
from saecore.report.ranged import mean

Place = tuple[str, int, int]
"""An architecture, a width and a number of active latents."""
GOOD_F1 = 0.8
"""A latent with a larger F1 is counted as one that tells its letter."""


class BestLatents(NamedTuple):
    """The best latent of each letter that the probe tells, by setting: means over
    letters, with intervals over seeds.
    """

    precision: dict[Place, Interval]
    """Share of the words it fires on that have the letter."""
    recall: dict[Place, Interval]
    """Share of the letter's words that it fires on."""
    f1: dict[Place, Interval]
    """F1 at its best threshold, in sample."""
    probe: tuple[float, float, float]
    """The same three of the probe, out of fold."""


def trained_on(study: Study) -> list[dict[str, Any]]:
    """The base setting by the rows that the SAE was trained on; means over seeds."""
    grid = study.setting.grid
    kinds = {
        "words that are asked about": grid.base,
        "words of sampled text": grid.text_words,
        "all positions of sampled text": grid.everywhere,
    }
    return [{"rows": rows} | _of_rows(study, some) for rows, some in kinds.items()]


def _of_rows(study: Study, recipes: list[SAERecipe]) -> dict[str, float]:
    saes, told = [study.saes[recipe] for recipe in recipes], study.setting.told
    return {
        "mean best F1": mean(s.best.f1[told].mean() for s in saes),
        f"letters with F1 above {GOOD_F1}": mean(
            (s.best.f1 > GOOD_F1).sum() for s in saes
        ),
        "letters that pass both gates": mean(s.found.judged.sum() for s in saes),
        "absorption rate": mean(s.rate.as_zero for s in saes),
    }


def best_latents(study: Study) -> BestLatents:
    """Precision, recall and F1 of the best latents, beside those of the probe."""
    told, probes = study.setting.told, study.setting.letters.probes
    settings = by_place(study)
    precision, recall, f1 = (
        {
            place: study.over(some, lambda s, n=name: getattr(s.best, n)[told].mean())
            for place, some in settings.items()
        }
        for name in ("fires_precision", "fires_recall", "f1")
    )
    scores = probes.precision, probes.recall, probes.f1
    told_by = [float(score[told].mean()) for score in scores]
    return BestLatents(precision, recall, f1, (told_by[0], told_by[1], told_by[2]))


def by_letter(study: Study) -> list[dict[str, Any]]:
    """Every letter with both gates, in the first SAE of the base setting."""
    letters, one = study.setting.letters, study.saes[study.setting.grid.base[0]]
    columns = {
        "letter": letters.words.names,
        "words": letters.words.labels.sum(0).tolist(),
        "probe F1": letters.probes.f1.tolist(),
        "best latent F1": one.best.f1.tolist(),
        "main latents": one.split.size.tolist(),
        "their F1": one.split.main_f1.tolist(),
        "counts": ["yes" if judged else "no" for judged in one.found.judged],
        "absorbed": one.decided.rate.tolist(),
    }
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def splits(study: Study) -> dict[Place, Interval]:
    """Feature splitting: main latents per letter beyond the first, on two lines.

    The lines are all widths at the base number of active latents, and all numbers of
    active latents at the base width.
    """
    base, told = study.setting.grid.base[0], study.setting.told
    return {
        (kind, width, k): study.over(
            some, lambda s: s.split.splits[told].float().mean()
        )
        for (kind, width, k), some in by_place(study).items()
        if k == base.k or width == base.width
    }


def by_place(study: Study) -> dict[Place, list[SAERecipe]]:
    """The seeds of each setting of TopK and ReLU."""
    return {
        (kind, width, k): some
        for kind, settings in study.setting.grid.settings.items()
        for (width, k), some in settings.items()
    }
