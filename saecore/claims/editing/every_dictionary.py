"""Activation patching with every dictionary, in both orders, and at every layer."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from saecore.claims.editing.dictionaries import (
    base_saes,
    coder,
    complete_bases,
    layer_saes,
    neurons,
    other_saes,
    principal_components,
)
from saecore.claims.editing.name_patching import (
    NamePatching,
    name_pairs,
    name_patching,
)
from saecore.measures.editing.patching import Exchange, Needed, PatchingCurve, needed
from saecore.profiles import Profile
from saecore.report import Claim, mean
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks.ioi import Pair
from saecore.zoo.store import Zoo

COARSE = [2, *range(4, 72, 4), 80, 96, 112, 128, 144, 160, 176, 192, 4096]
"""Numbers of latents of the sets, for SAEs that the claim is not judged by."""
FIRST_SEED = "TopK (base), seed 0"
OTHERS = ("TopK, k 32", "TopK, k 4")
BOTH_ORDERS = ("TopK, k 4", FIRST_SEED, "TopK, k 32", "PCA", "ICA")


class Patched(NamedTuple):
    """Every dictionary by gradient, at the base layer; one set for all pairs."""

    claim: Claim
    model: OpenModel
    pairs: list[Pair]
    patching: NamePatching
    exchanges: dict[str, Exchange]
    """By the dictionary's name."""
    curves: dict[str, PatchingCurve]
    """The same, in gradient order."""


def patched(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Patched:
    """Every dictionary by gradient. Raises Unsuited as the claim's study does."""
    claim, model = claim or Claim.read("editing"), open_model(profile.folder)
    constants = claim.constants
    pairs = name_pairs(model, profile, int(constants["acdc_pairs"]))
    patching = name_patching(model, pairs, profile.layer, constants)
    base = dict(enumerate(base_saes(zoo, profile)))
    coders = {f"TopK (base), seed {n}": coder(one) for n, one in base.items()}
    others = {n: coder(one) for n, one in other_saes(zoo, profile).items()}
    complete = {"PCA": principal_components(zoo, profile, profile.layer)}
    complete |= complete_bases(zoo, profile, model.d_model)
    exchanges = {
        name: patching.exchange(one)
        for name, one in (coders | others | complete).items()
    } | neurons(patching.exchanged)
    curves = {
        name: patching.in_gradient_order(one, *([COARSE] if name in others else []))
        for name, one in exchanges.items()
    }
    return Patched(claim, model, pairs, patching, exchanges, curves)


def shown_curves(found: Patched) -> dict[str, PatchingCurve]:
    """The curves of the figure: three SAEs, complete bases and neurons."""
    bases = ("PCA", "ICA", "coordinates", "random rotation", "MLP neurons")
    shown = (FIRST_SEED, *OTHERS, *bases)
    return {name: found.curves[name] for name in shown if name in found.curves}


def needed_rows(found: Patched, more: float) -> list[dict[str, Any]]:
    """What every dictionary takes to close the claim's share of the divergence, and
    `more` of it.
    """
    half = found.patching.share
    return [
        {
            "dictionary": name,
            f"latents to {half:.0%}": _needed(found, curve, half).latents,
            f"edit to {half:.0%}": _needed(found, curve, half).size,
            f"latents to {more:.0%}": _needed(found, curve, more).latents,
            "latents that differ": int(curve.latents.max()),
            "KL with all": round(float(curve.divergence[curve.latents.argmax()]), 5)
            + 0.0,
        }
        for name, curve in found.curves.items()
    ]


def _needed(found: Patched, curve: PatchingCurve, share: float) -> Needed:
    return needed(curve, start=found.patching.start, share=share)


def acdc_curves(found: Patched) -> dict[str, PatchingCurve]:
    """ACDC's order for three sparsities, PCA and ICA."""
    return {
        name: found.patching.in_acdc_order(found.exchanges[name])
        for name in BOTH_ORDERS
    }


def order_rows(
    found: Patched, acdc: Mapping[str, PatchingCurve]
) -> list[dict[str, Any]]:
    """Both orders beside each other, a row per dictionary."""
    pairs = {name: (acdc[name], found.curves[name]) for name in acdc}
    return [
        {"dictionary": name}
        | {"ACDC: latents to half": out.latents, "edit": out.size}
        | {"gradient: latents to half": by.latents, "edit then": by.size}
        for name, curves in pairs.items()
        for out, by in [map(found.patching.needed, curves)]
    ]


class AtLayer(NamedTuple):
    """Patches to half at one layer, in gradient order."""

    saes: list[Needed]
    """One per seed of the base setting; infinite for one that never gets there."""
    pca: Needed
    """Principal components."""


def editing_by_layer(zoo: Zoo, profile: Profile, found: Patched) -> dict[int, AtLayer]:
    """The base setting and the principal components at every layer."""
    several, at = layer_saes(zoo, profile), {}
    for layer, saes in several.items():
        on = found.patching
        if layer != profile.layer:
            constants = found.claim.constants
            on = name_patching(found.model, found.pairs, layer, constants)
        coders = [*map(coder, saes), principal_components(zoo, profile, layer)]
        curves = [on.in_gradient_order(on.exchange(one)) for one in coders]
        *of_saes, of_pca = map(on.needed, curves)
        at[layer] = AtLayer(of_saes, of_pca)
    return at


def layer_rows(layers: Mapping[int, AtLayer]) -> list[dict[str, Any]]:
    """A row per layer: means over the SAEs that get there (gaps where none does)."""
    return [_layer_row(layer, *at) for layer, at in layers.items()]


def _layer_row(layer: int, saes: list[Needed], basis: Needed) -> dict[str, Any]:
    there = [one for one in saes if math.isfinite(one.latents)]
    means = [mean(x) if there else None for x in zip(*there, strict=True)] or [None] * 2
    names = ("TopK: latents to half", "edit")
    return (
        {"layer": layer, "SAEs that reach half": len(there)}
        | dict(zip(names, means, strict=True))
        | {"PCA: latents to half": basis.latents, "edit then": basis.size}
    )
