"""Concept erasure of gender at a name: erasers as they are, and at the same effect."""

from collections.abc import Mapping, Sequence

import torch

from saecore.claims.editing.dictionaries import pca_recipe
from saecore.claims.sites import model_site
from saecore.measures.editing.erasure import Affine, Eraser, without_dictionary
from saecore.measures.editing.erasure_strength import Matched, at_chance
from saecore.measures.editing.latent_erasure import Chosen, erasing_latent, stronger
from saecore.profiles import Profile
from saecore.report import Constants
from saecore.shapes import Dictionary
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.gender import GenderTask, Names, gender_tasks
from saecore.zoo.store import Zoo

COMPARED = ("LEACE", "LEACE, shrunk", "mean difference")
"""Erasers without a dictionary that are made as strong as it takes."""


def gender_by_layer(
    zoo: Zoo, profile: Profile, model: OpenModel, layers: Sequence[int]
) -> dict[int, GenderTask]:
    """The task at some layers, with a part of the zoo's text as other text.

    Raises Unsuited for a model that does not tell the gender of names.
    """
    text = zoo.get(model_site(profile, sample=1).text)[-64:-40, :64]
    return gender_tasks(model, layers, text, seed=profile.world_seed)


def linear_erasers(zoo: Zoo, profile: Profile, task: GenderTask) -> dict[str, Affine]:
    """The erasers without a dictionary, fitted at the task's layer."""
    axes = zoo.get(pca_recipe(profile, task.layer)).W_dec[: task.model.d_model]
    draw = torch.Generator().manual_seed(9)
    return without_dictionary(task.rows, task.female, axes, generator=draw)


def latent_erasers(
    sae: Dictionary, task: GenderTask, constants: Constants
) -> dict[str, Chosen]:
    """The best latent, subtracted and projected out; chosen on half of the names."""
    count = int(constants["candidates"])
    return erasing_latent(sae, task.rows, task.female, task.right, count=count)


def compared_erasers(
    linear: Mapping[str, Eraser], ways: Sequence[Mapping[str, Chosen]]
) -> dict[str, list[Eraser]]:
    """What is compared at the same effect: three linear erasers, and the stronger way
    of each SAE's latent.
    """
    return {name: [linear[name]] for name in COMPARED} | {
        "one latent": [stronger(one).eraser for one in ways]
    }


def brought_to_chance(
    task: GenderTask, eraser: Eraser, constants: Constants, names: Names = "chosen"
) -> Matched:
    """An eraser as strong as it takes for the task to be at chance on some names."""
    return at_chance(
        eraser,
        lambda edited: task.right(edited, names),
        chance=constants["chance"],
        most=float(constants["strength"]),
    )


def harm_at_chance(
    task: GenderTask, erasers: Mapping[str, Sequence[Eraser]], constants: Constants
) -> dict[str, list[float]]:
    """Mean KL on other text, in nats, of each eraser that brings the task to chance."""
    return {
        name: [
            task.moved(brought_to_chance(task, one, constants).eraser)
            for one in several
        ]
        for name, several in erasers.items()
    }
