"""The absorption rate by width, sparsity and architecture, and beside SAEBench's."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from saecore.claims.absorption.grid import Place
from saecore.claims.absorption.headline import Study, shuffled
from saecore.claims.absorption.reading import Rates, SAERead
from saecore.measures.absorption.projections import fraction, full_absorption
from saecore.measures.dictionary.fidelity import fidelity
from saecore.report.figures import NAMES
from saecore.report.ranged import mean

SAEBENCH = {
    "topk": "topk",
    "relu": "standard",
    "jumprelu": "jumprelu",
    "matryoshka": "matryoshkabatchtopk",
}
"""SAEBench's names of the architectures that both have."""


def fidelities(study: Study) -> list[dict[str, Any]]:
    """Each setting's error and active latents on the asked words, and its main latents
    over all letters that the probe tells; means over seeds.
    """
    return [
        _place(place) | _fidelity(study, place) | _mains(study, study.at(place))
        for place in study.setting.grid.places
    ]


def _place(place: Place) -> dict[str, Any]:
    kind, width, k = place
    return {"architecture": NAMES[kind], "width": width, "k": k}


def _fidelity(study: Study, place: Place) -> dict[str, float]:
    zoo, rows = study.setting.zoo, study.setting.letters.rows
    some = [fidelity(zoo.get(r), rows) for r in study.setting.grid.places[place]]
    return {"L0": mean(x.l0 for x in some), "FVU": mean(x.fvu for x in some)}


def _mains(study: Study, saes: list[SAERead]) -> dict[str, float]:
    told = study.setting.told
    return {
        "main latents": mean(s.split.size[told].float().mean() for s in saes),
        "precision": mean(s.fires.precision[told].mean() for s in saes),
        "recall": mean(s.fires.recall[told].mean() for s in saes),
        "letters that count": mean(s.counts.sum() for s in saes),
    }


def all_settings(study: Study) -> list[dict[str, Any]]:
    """The rate of each setting beside the strongest null there, and over all letters
    that the probe tells, whether or not their latents look monosemantic.
    """
    return [_place(place) | _rates(study, place) for place in study.setting.grid.places]


def _rates(study: Study, place: Place) -> dict[str, Any]:
    found, saes = study.absorbed[place], study.at(place)
    null = {"null": found.null.estimate, "which": found.name} if found else {}
    return {
        "absorbed": found and found.share.estimate,
        "low": found and found.share.low,
        "high": found and found.share.high,
        "strongest null": null.get("null"),
        "which": null.get("which", ""),
        "silent": _nanmean(_silent(s)[s.counts].mean() for s in saes),
        "absorbed, all letters": _nanmean(s.every.absorbed.nanmean() for s in saes),
    }


def _silent(one: SAERead) -> Tensor:
    """Share of each letter's cases whose main latents are silent."""
    found = one.found
    silent = found.silent.float()
    total = silent.new_zeros(len(found.judged)).index_add_(0, found.label, silent)
    return total / found.counts


def _nanmean(values: Iterable[Tensor]) -> float | None:
    known = [float(value) for value in values if value == value]
    return mean(known) if known else None


def by_letter_and_k(study: Study) -> dict[str, dict[int, float]]:
    """The rate of each letter that the probe tells in the widest TopK, by the number of
    active latents, whether or not it counts; mean over seeds. The most absorbed letter
    of the base comes first.
    """
    along = study.setting.grid.along("topk", "k")
    rates = {
        k: torch.stack([study.saes[r].every.absorbed for r in along[k]]).nanmean(0)
        for k in sorted(along)
    }
    order = rates[min(rates)].nan_to_num(-1).argsort(descending=True).tolist()
    names = study.setting.letters.words.names
    found = {
        names[i]: {k: float(rate[i]) for k, rate in rates.items() if rate[i] == rate[i]}
        for i in order
    }
    return {name: by_k for name, by_k in found.items() if by_k}


def by_layer(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a whole run measured at each layer (`absorption.full`), a row each."""
    columns = "probe F1", "letters that count", "strongest null"
    rows = []
    for one in stored["layers"]:
        ends = one["absorbed"] or (None, None, None)
        rate = dict(zip(("absorbed", "low", "high"), ends, strict=True))
        known = {name: one[name] for name in columns}
        rows.append({"layer": one["layer"]} | known | rate)
    return rows


def nulls_of_base(study: Study) -> list[dict[str, Any]]:
    """The base setting beside each of its nulls: labels that count, and the rates;
    means over the seeds that have a rate. With open gates all letters that the probe
    tells have one, and shuffled ones too.
    """
    every = {"as it is": [s.rates for s in study.base]}
    every |= study.nulls[study.setting.grid.place]
    ungated = _ungated(study)
    return [
        {
            "rule applied to": name,
            "labels that count": mean((x.words > 0).sum() for x in some),
            "absorbed": _nanmean(x.absorbed.nanmean() for x in some),
            "specific": _nanmean(x.specific.nanmean() for x in some),
            "absorbed, gates open": _absorbed(ungated.get(name, [])),
        }
        for name, some in every.items()
    ]


def _absorbed(some: Iterable[Rates]) -> float | None:
    return _nanmean(x.absorbed.nanmean() for x in some)


def _ungated(study: Study) -> dict[str, list[Rates]]:
    """Rates of the base and of other SAEs and labels, the latents' gate open."""
    grid, setting = study.setting.grid, study.setting
    found = {"as it is": [s.every for s in study.base]}
    for half in grid.frozen:
        twins = grid.twins(half, grid.base)
        found[f"frozen {half}"] = [study.saes[one].every for one in twins]
    open_gates = setting.rule.moved(probe_f1=-1.0, precision=0.0, recall=0.0)
    found["shuffled letters"] = shuffled(setting, grid.base[:1], open_gates)
    return found


def against_saebench(
    study: Study, published: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Smallest and largest rates by SAEBench's two metrics, theirs and ours.

    Ours are means over seeds at the largest width, over numbers of active latents as
    theirs; letters that count.
    """
    rows = []
    for kind, name in SAEBENCH.items():
        along = study.setting.grid.along(kind, "k").values()
        some = [[study.saes[recipe] for recipe in recipes] for recipes in along]
        ours = {"fraction": [], "full": []}
        for saes in some:
            ours["fraction"].append(_nanmean(map(_old_fraction, saes)))
            ours["full"].append(_nanmean(map(_full, saes)))
        for metric, title in {"fraction": "0.3.2", "full": "absorption"}.items():
            known = [x for x in ours[metric] if x is not None]
            rows.append(
                {
                    "architecture": NAMES[kind],
                    "metric": f"{metric} {title}",
                    "Pythia-160M, smallest": min(published[name][metric]),
                    "largest": max(published[name][metric]),
                    "ours, smallest": min(known, default=None),
                    "ours, largest": max(known, default=None),
                }
            )
    return rows


def _old_fraction(one: SAERead) -> Tensor:
    return fraction(one.found, version="0.3.2").rate[one.counts].mean()


def _full(one: SAERead) -> Tensor:
    return full_absorption(one.found).rate[one.counts].mean()
