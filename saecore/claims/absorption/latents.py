"""How well latents tell first letters: by what the SAE was trained on, by setting, and
letter by letter.
"""

from typing import Any, NamedTuple

from saecore.claims.absorption.grid import Place
from saecore.claims.absorption.headline import Study, told_only
from saecore.claims.absorption.reading import SAEGated, SAERead, gate_sae
from saecore.measures.absorption.projections import full_absorption
from saecore.measures.algebra.intervals import Interval
from saecore.report.ranged import mean

GOOD_F1 = 0.8
"""A latent with a larger F1 is counted as one that tells its letter."""


class BestLatents(NamedTuple):
    """The best latent of each letter that the probe tells, by setting: means over
    letters, with intervals over seeds and letters.
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
    """Latents by the rows that the SAE was trained on; means over seeds."""
    setting, grid, rule = study.setting, study.setting.grid, study.setting.rule
    kinds = {
        "words that are asked about": grid.moderate,
        "words of sampled text": grid.text_words,
        "all positions of sampled text": grid.everywhere,
    }
    gated = {
        rows: [gate_sae(setting.zoo.get(one), setting.letters, rule) for one in some]
        for rows, some in kinds.items()
    }
    every = {"asked words, the base setting": study.base} | gated
    return [{"rows": rows} | _of_rows(study, some) for rows, some in every.items()]


def _of_rows(
    study: Study, saes: list[SAEGated] | list[SAERead]
) -> dict[str, float | None]:
    told = study.setting.told
    full = [full_absorption(s.found).rate[s.counts].mean() for s in saes]
    known = [rate for rate in full if rate == rate]
    return {
        "mean best F1": mean(s.best.f1[told].mean() for s in saes),
        f"letters with F1 above {GOOD_F1}": mean(
            (s.best.f1 > GOOD_F1).sum() for s in saes
        ),
        "letters that count": mean(s.counts.sum() for s in saes),
        "absorbed (SAEBench, full)": mean(known) if known else None,
    }


def best_latents(study: Study) -> BestLatents:
    """Precision, recall and F1 of the best latents, beside those of the probe."""
    told, probes = study.setting.told, study.setting.letters.probes
    places = list(study.setting.grid.places)
    columns = []
    for name in ("fires_precision", "fires_recall", "f1"):
        number = told_only(study.setting, lambda s, n=name: getattr(s.best, n))
        points = {place: study.over(study.at(place), number) for place in places}
        columns.append({place: x for place, x in points.items() if x is not None})
    scores = probes.precision, probes.recall, probes.f1
    told_by = [float(score[told].mean()) for score in scores]
    precision, recall, f1 = columns
    return BestLatents(precision, recall, f1, (told_by[0], told_by[1], told_by[2]))


def by_letter(study: Study) -> list[dict[str, Any]]:
    """Every letter with both gates, in the first SAE of the base setting."""
    letters, one = study.setting.letters, study.base[0]
    columns = {
        "letter": letters.words.names,
        "words": letters.words.labels.sum(0).tolist(),
        "probe F1": letters.probes.f1.tolist(),
        "main latents": one.split.size.tolist(),
        "precision": one.fires.precision.tolist(),
        "recall": one.fires.recall.tolist(),
        "counts": ["yes" if counts else "no" for counts in one.counts],
        "absorbed": one.every.absorbed.tolist(),
        "specific": one.every.specific.tolist(),
    }
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]
