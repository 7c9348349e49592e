"""The numbers by which the claim on editing is judged."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from saecore.claims.editing.dictionaries import base_saes, coder, principal_components
from saecore.claims.editing.gender_erasure import (
    compared_erasers,
    gender_by_layer,
    harm_at_chance,
    latent_erasers,
    linear_erasers,
)
from saecore.claims.editing.name_patching import (
    NamePatching,
    name_pairs,
    name_patching,
)
from saecore.measures.algebra.intervals import over_seeds
from saecore.measures.editing.patching import Exchange, Needed, PatchingCurve
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.shapes import Dictionary
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks.answers import Accuracy, able
from saecore.source.tasks.ioi import Pair
from saecore.zoo.store import Zoo

PCA_DRAWS = 3
"""Random orders in which ACDC tries the principal components."""


class Order(NamedTuple):
    """Curves of sets of latents, which go in (or out) in one order."""

    saes: list[PatchingCurve]
    """One per seed of the base."""
    pca: list[PatchingCurve]
    """Principal components, one per random order."""
    saes_needed: list[Needed]
    """What each takes to close the claim's share of the divergence."""
    pca_needed: list[Needed]
    """The same."""


class Study(NamedTuple):
    """What the claim's page shows first."""

    claim: Claim
    zoo: Zoo
    profile: Profile
    model: OpenModel
    pairs: list[Pair]
    """Prompts that differ in one name."""
    patching: NamePatching
    """These patched at the base layer."""
    solved: list[Accuracy]
    """How well the model answers the base prompts and the target prompts."""
    exchanges: list[Exchange]
    """Of each seed of the base."""
    pca_exchange: Exchange
    """Of the principal components."""
    gradient: Order
    """Latents go in, the largest first-order gain first."""
    acdc: Order
    """Latents go out, as in the paper."""
    harm: dict[str, list[float]]
    """Mean KL on other text, in nats, of each eraser at the strength at which the task
    is at chance: one per seed for the latent."""
    numbers: dict[str, dict[str, tuple[float, float, float] | float | None]]
    """What `Claim.judge` decides by, for the one subject, "model"."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Judge the claim: names patched and gender erased, at the base layer.

    Raises Unsuited for a model that cannot do the two tasks.
    """
    claim, model = claim or Claim.read("editing"), open_model(profile.folder)
    saes, pairs = base_saes(zoo, profile), name_pairs(model, profile)
    solved = [able(model, [pair[side] for pair in pairs]) for side in (0, 1)]
    share = claim.constants["share"]
    patching = name_patching(model, pairs, profile.layer, share=share)
    exchanges = [patching.exchange(coder(one)) for one in saes]
    of_pca = patching.exchange(principal_components(zoo, profile, profile.layer))
    gradient, acdc = orders(patching, exchanges, of_pca)
    harm = erasure_harm(zoo, profile, model, saes, claim)
    numbers = judged_numbers(gradient, acdc, harm, level=claim.constants["confidence"])
    return Study(
        claim,
        zoo,
        profile,
        model,
        pairs,
        patching,
        solved,
        exchanges,
        of_pca,
        gradient,
        acdc,
        harm,
        {"model": numbers},
    )


def orders(
    patching: NamePatching, saes: Sequence[Exchange], pca: Exchange
) -> tuple[Order, Order]:
    """The SAEs and the principal components by gradient, and in ACDC's order."""
    by_gradient = [patching.in_gradient_order(one) for one in (*saes, pca)]
    pruned = [patching.in_acdc_order(one) for one in saes]
    pca_pruned = [patching.in_acdc_order(pca, draw) for draw in range(PCA_DRAWS)]
    return (
        _order(patching, by_gradient[:-1], by_gradient[-1:]),
        _order(patching, pruned, pca_pruned),
    )


def _order(
    patching: NamePatching, saes: list[PatchingCurve], pca: list[PatchingCurve]
) -> Order:
    needed = [[patching.needed(one) for one in several] for several in (saes, pca)]
    return Order(saes, pca, *needed)


def needed_by_order(study: Study) -> dict[str, list[Needed]]:
    """What the claim is judged by: a number per seed, or per draw of PCA's order."""
    return {
        "SAE, gradient": study.gradient.saes_needed,
        "PCA, gradient": study.gradient.pca_needed,
        "SAE, ACDC": study.acdc.saes_needed,
        "PCA, ACDC": study.acdc.pca_needed,
    }


def needed_by_order_rows(found: dict[str, list[Needed]]) -> list[dict[str, Any]]:
    """The same as rows of a table."""
    return [
        {"dictionary and order": name} | one._asdict()
        for name, several in found.items()
        for one in several
    ]


def erasure_harm(
    zoo: Zoo,
    profile: Profile,
    model: OpenModel,
    saes: Sequence[Dictionary],
    claim: Claim,
) -> dict[str, list[float]]:
    """What each eraser does to other text where it brings the task to chance."""
    task = gender_by_layer(zoo, profile, model, [profile.layer])[profile.layer]
    linear = linear_erasers(zoo, profile, task)
    ways = [latent_erasers(one, task, claim.constants) for one in saes]
    erasers = compared_erasers(linear, ways)
    return harm_at_chance(task, erasers, claim.constants)


def judged_numbers(
    gradient: Order, acdc: Order, harm: dict[str, list[float]], *, level: float
) -> dict[str, tuple[float, float, float] | float | None]:
    """The numbers of the claim; None where an SAE or a basis never gets there."""
    return {
        "patches": _over([one.latents for one in gradient.saes_needed], level),
        "patches_pca": _finite(gradient.pca_needed[0].latents),
        "edit": _over([one.size for one in gradient.saes_needed], level),
        "edit_pca": _finite(gradient.pca_needed[0].size),
        "patches_acdc": _over([one.latents for one in acdc.saes_needed], level),
        "patches_acdc_pca": _over([one.latents for one in acdc.pca_needed], level),
        "erasure_kl": _over(harm["one latent"], level),
        "erasure_kl_leace": harm["LEACE"][0],
    }


def _over(values: Sequence[float], level: float) -> tuple[float, float, float] | None:
    if not all(map(math.isfinite, values)):
        return None
    return over_seeds(values, level=level).triple


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
