"""What is too dear for every run: the absorption rate at every layer of the sweep."""

from dataclasses import replace
from typing import Any

from saecore.claims.absorption import nulls
from saecore.claims.absorption.headline import read_all
from saecore.claims.absorption.setting import Setting, asked_letters
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.report.ranged import mean
from saecore.zoo.store import Zoo


def full(zoo: Zoo, profile: Profile) -> dict[str, Any]:
    """The base setting at each layer: SAEs of the asked words there, judged by the
    claim's rule. About one CPU minute a layer on the shipped model, and as much again
    for SAEs that are missing.

    Raises Unsuited for a model that cannot name first letters.
    """
    claim = Claim.read("absorption")
    layers = []
    for layer in profile.layers:
        setting = asked_letters(zoo, replace(profile, layer=layer), claim)
        zoo.make(setting.grid.base)
        layers.append({"layer": layer} | rate_at_layer(setting))
    return {"layers": layers}


def rate_at_layer(setting: Setting) -> dict[str, Any]:
    """How many letters count, the rate with its interval, and the strongest of the
    nulls that an SAE has in itself; None where no two SAEs have a rate.
    """
    saes = list(read_all(setting, setting.grid.base).values())
    own = nulls.own_nulls(saes, setting.letters, setting.rule)
    level, rates = setting.rule["confidence"], [one.rates for one in saes]
    found = nulls.exceeded(rates, own, "absorbed", level=level)
    return {
        "probe F1": float(setting.letters.probes.f1.mean()),
        "letters that count": mean(one.counts.sum() for one in saes),
        "absorbed": found and list(found.share.triple),
        "strongest null": found and found.null.estimate,
        "which": found and found.name,
    }
