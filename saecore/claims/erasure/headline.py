"""The numbers by which the claim on erasure is judged."""

from typing import NamedTuple

import torch

from saecore.claims.erasure.erasers import (
    ErasersAtLayer,
    at_layer,
    harm,
    left_by_supervised,
)
from saecore.claims.erasure.grid import erasure_grid
from saecore.claims.gated import require_tasks
from saecore.claims.sites import model_site
from saecore.measures.algebra.intervals import (
    Interval,
    crossed,
    over_seeds,
    share_over_seeds,
)
from saecore.profiles import Profile
from saecore.report import Claim
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks.gender import gender_tasks
from saecore.source.tasks.other_text import OtherText
from saecore.zoo.store import Zoo

ErasureNumbers = dict[str, tuple[float, float, float] | float | None]
CHOOSING, TEXTS, LENGTH = 12, 48, 64
"""Texts that choose the latent, texts in all, and their length in tokens."""


class Study(NamedTuple):
    """What the claim's page shows."""

    claim: Claim
    profile: Profile
    texts: tuple[OtherText, OtherText]
    """Those that choose and those that judge."""
    layers: dict[int, ErasersAtLayer]
    """The base layer, then the next one where there is one."""
    base: ErasersAtLayer
    """The base layer."""
    numbers: dict[str, ErasureNumbers]
    """What `Claim.judge` decides by, for the one subject, "model"."""


class Harm(NamedTuple):
    """Harm to other text in nats, over seeds and texts; None for fewer than two SAEs
    that bring the task to chance.
    """

    latent: Interval | None
    """One latent."""
    other: Interval
    """A supervised eraser."""
    excess: Interval | None
    """Latent minus eraser, text by text."""


def study(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Study:
    """Judge the claim: gender erased at a name, at the base layer and the next one.

    Raises Unsuited for a model that does not tell the gender of names.
    """
    claim, model = claim or Claim.read("erasure"), open_model(profile.folder)
    require_tasks(zoo, profile, model, "pronoun")
    texts = other_texts(zoo, profile, model, most=claim.constants["gendered"])
    grid = erasure_grid(profile)
    tasks = gender_tasks(model, list(grid.saes), seed=profile.world_seed)
    layers = {}
    for layer, recipes in grid.saes.items():
        saes = list(zoo.get_all(recipes).values())
        axes = zoo.get(grid.axes[layer]).W_dec[: model.d_model]
        layers[layer] = at_layer(tasks[layer], saes, axes, texts, claim.constants)
    base, *later = layers.values()
    numbers = erasure_numbers(base, later[0] if later else None, claim)
    return Study(claim, profile, texts, layers, base, {"model": numbers})


def other_texts(
    zoo: Zoo, profile: Profile, model: OpenModel, *, most: float
) -> tuple[OtherText, OtherText]:
    """Texts of the zoo that no SAE has learnt from: a few to choose on, the others to
    judge.
    """
    text = zoo.get(model_site(profile, sample=1).text)[-TEXTS:, :LENGTH]
    first, second = text[:CHOOSING], text[CHOOSING:]
    return OtherText(model, first, most=most), OtherText(model, second, most=most)


def harm_beside(found: ErasersAtLayer, eraser: str, *, level: float) -> Harm:
    """One latent beside a supervised eraser, over the SAEs that have such a latent."""
    texts = [one.moved.ungendered for one in found.latents if one.matched.reached]
    other = found.supervised[eraser].moved.ungendered
    values = over_seeds(other[~other.isnan()].tolist(), level=level)
    if len(texts) < 2:
        return Harm(None, values, None)
    table = torch.stack(texts)
    excess = crossed(table - other, level=level)
    return Harm(crossed(table, level=level), values, excess)


def best_supervised(found: ErasersAtLayer) -> str:
    """The supervised eraser of least harm among those that bring the task to chance."""
    harms = {
        name: harm(one.moved)
        for name, one in found.supervised.items()
        if one.matched.reached
    }
    return min(harms or found.supervised, key=lambda name: harms.get(name, 0.0))


def removal(found: ErasersAtLayer, *, level: float) -> Interval:
    """Share of the SAEs with a latent that brings the judging names to chance."""
    shares = [float(one.matched.reached) for one in found.latents]
    return share_over_seeds(shares, level=level)


def erasure_numbers(
    base: ErasersAtLayer, later: ErasersAtLayer | None, claim: Claim
) -> ErasureNumbers:
    """The numbers of the claim; None where fewer than two SAEs have such a latent."""
    level, most = claim.constants["confidence"], float(claim.constants["strength"])
    best = harm_beside(base, best_supervised(base), level=level)
    leace = harm_beside(base, "LEACE", level=level)
    unedited = base.task.each(lambda x: x, "held out")
    left = left_by_supervised(base, most)
    numbers: ErasureNumbers = {
        "removes": removal(base, level=level).triple,
        "latent_kl": _triple(best.latent),
        "best_kl": best.other.triple,
        "excess_kl": _triple(best.excess),
        "leace_kl": leace.other.triple,
        "excess_leace": _triple(leace.excess),
        "task_right": share_over_seeds(unedited.tolist(), level=level).triple,
        "control_left": share_over_seeds(left.tolist(), level=level).triple,
    }
    return numbers | _later_numbers(later, level)


def _later_numbers(later: ErasersAtLayer | None, level: float) -> ErasureNumbers:
    names = ("later_kl", "later_best", "later_excess")
    if later is None:
        return dict.fromkeys(names)
    found = harm_beside(later, best_supervised(later), level=level)
    return {name: _triple(one) for name, one in zip(names, found, strict=True)}


def _triple(found: Interval | None) -> tuple[float, float, float] | None:
    return None if found is None else found.triple
