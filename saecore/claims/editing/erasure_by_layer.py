"""Gender erased at every layer: erasers as they are, and at the same effect."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch

from saecore.claims.editing.dictionaries import base_saes, layer_saes
from saecore.claims.editing.gender_erasure import (
    brought_to_chance,
    compared_erasers,
    gender_by_layer,
    latent_erasers,
    linear_erasers,
)
from saecore.measures.editing.erasure import Affine, Eraser
from saecore.measures.editing.latent_erasure import Chosen, subtracted, telling_latents
from saecore.profiles import Profile
from saecore.report import Claim, mean
from saecore.shapes import Dictionary
from saecore.source.model.language_model import open_model
from saecore.source.tasks.gender import ErasureOutcome, GenderTask
from saecore.zoo.store import Zoo


class Erasers(NamedTuple):
    """The erasers of every layer."""

    claim: Claim
    tasks: dict[int, GenderTask]
    """The task with the edit made at each layer."""
    layer: int
    """The base layer."""
    saes: list[Dictionary]
    """The base setting at the base layer, all seeds."""
    linear: dict[int, dict[str, Affine]]
    """Those without a dictionary, by layer."""
    latent: dict[int, list[dict[str, Chosen]]]
    """The best latent of each SAE, by layer: few seeds, at the base layer all."""
    shown: int
    """How many seeds are shown as they are."""


class Brought(NamedTuple):
    """An eraser at the strength at which the task is at chance, or at the strongest
    that the claim allows.
    """

    reached: bool
    """Whether the task is at or below chance there."""
    outcome: ErasureOutcome
    """What it does at that strength."""
    held_out_kl: float
    """Mean KL on other text, in nats, where the other names are at chance too."""


def erasers(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Erasers:
    """Fit and choose every eraser. Raises Unsuited as the claim's study does."""
    claim, model = claim or Claim.read("editing"), open_model(profile.folder)
    tasks = gender_by_layer(zoo, profile, model, profile.layers)
    by_layer, base = layer_saes(zoo, profile), base_saes(zoo, profile)
    by_layer |= {profile.layer: base}
    return Erasers(
        claim,
        tasks,
        profile.layer,
        base,
        {layer: linear_erasers(zoo, profile, task) for layer, task in tasks.items()},
        {
            layer: [latent_erasers(one, tasks[layer], claim.constants) for one in saes]
            for layer, saes in by_layer.items()
        },
        profile.few_seeds,
    )


def as_they_are(found: Erasers) -> dict[int, dict[str, list[ErasureOutcome]]]:
    """What each eraser does at its own strength, by layer and name."""
    outcomes = {}
    for layer, task in found.tasks.items():
        linear = found.linear[layer].items()
        each: dict[str, list[Eraser]] = {name: [one] for name, one in linear}
        for way in ("subtracted", "projected"):
            chosen = [ways[way] for ways in found.latent[layer][: found.shown]]
            each[f"latent {way}"] = [one.eraser for one in chosen]
        outcomes[layer] = {
            name: [task.outcome(one) for one in several]
            for name, several in each.items()
        }
    return outcomes


def at_same_effect(found: Erasers) -> dict[int, dict[str, list[Brought]]]:
    """What each does at chance, by layer and name, without the last layer."""
    return {
        layer: {
            name: [_brought(found, layer, one) for one in several]
            for name, several in compared_erasers(
                found.linear[layer], found.latent[layer]
            ).items()
        }
        for layer in list(found.tasks)[:-1]
    }


def _brought(found: Erasers, layer: int, eraser: Eraser) -> Brought:
    task, constants = found.tasks[layer], found.claim.constants
    here = brought_to_chance(task, eraser, constants)
    there = brought_to_chance(task, eraser, constants, "held out")
    return Brought(here.reached, task.outcome(here.eraser), task.moved(there.eraser))


def as_they_are_rows(
    outcomes: Mapping[int, Mapping[str, list[ErasureOutcome]]],
) -> list[dict[str, Any]]:
    """A row per layer and eraser, means over seeds."""
    names = {
        "names chosen on": "chosen",
        "other names": "held_out",
        "other sentence": "transfer",
        "KL on other text": "other_text",
        "length of the edit": "size",
    }
    return [
        {"layer": layer, "eraser": eraser}
        | {name: mean(getattr(o, field) for o in os) for name, field in names.items()}
        for layer, by_name in outcomes.items()
        for eraser, os in by_name.items()
    ]


def same_effect_rows(
    brought: Mapping[int, Mapping[str, list[Brought]]],
) -> list[dict[str, Any]]:
    """A row per layer and eraser: means over seeds, and the ends of the harm."""
    return [
        {"layer": layer, "eraser": eraser} | _chance_row(eraser, several)
        for layer, by_name in brought.items()
        for eraser, several in by_name.items()
    ]


def _chance_row(eraser: str, several: list[Brought]) -> dict[str, Any]:
    outcomes = [one.outcome for one in several]
    harm = sorted(one.other_text for one in outcomes)
    return {
        "SAEs": len(several) if eraser == "one latent" else None,
        "brought to chance": sum(one.reached for one in several),
        "other names": mean(one.held_out for one in outcomes),
        "other sentence": mean(one.transfer for one in outcomes),
        "KL on other text, mean": mean(harm),
        "least": harm[0],
        "most": harm[-1],
        "KL with other names at chance": mean(one.held_out_kl for one in several),
        "length of the edit": mean(one.size for one in outcomes),
    }


def several_subtracted(found: Erasers) -> float:
    """Mean probability of the right pronoun for other names when all candidates of the
    first SAE of the base layer are subtracted together.
    """
    task, sae = found.tasks[found.layer], found.saes[0]
    count = int(found.claim.constants["candidates"])
    latents = telling_latents(sae, task.rows, task.female, count=count)
    with torch.no_grad():
        return task.right(subtracted(sae, latents), "held out")
