"""Concept erasure of gender at a name, at one layer: erasers at the same effect."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.editing.erasure import Affine, Eraser, without_dictionary
from saecore.measures.editing.erasure_strength import Matched, at_chance, scaled
from saecore.measures.editing.latent_erasure import Chosen, erasing_latent
from saecore.report import Constants
from saecore.shapes import Dictionary, Directions
from saecore.source.tasks.gender import GenderTask, Names
from saecore.source.tasks.other_text import Moved, OtherText

SUPERVISED_ERASERS = ("mean difference", "LEACE", "LEACE, shrunk", "PCA axis")
"""Erasers that know the label and need no dictionary."""
STRENGTHS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Of the curves, in lengths of an eraser's own edit."""


class JudgedEraser(NamedTuple):
    """An eraser at the strength that brings the judging names to chance."""

    eraser: Eraser
    """At its own strength."""
    matched: Matched
    """At chance, or at the strongest that is allowed."""
    moved: Moved
    """What it then does to each of the judging texts."""


class ErasersAtLayer(NamedTuple):
    """Every eraser at one layer."""

    task: GenderTask
    chosen: list[Chosen]
    """The latent of each SAE, with the strength for the choosing names."""
    latents: list[JudgedEraser]
    """The same, judged."""
    supervised: dict[str, JudgedEraser]
    """The erasers without a dictionary, by name."""
    random: JudgedEraser
    """One random direction."""


def linear_erasers(task: GenderTask, axes: Directions) -> dict[str, Affine]:
    """The erasers without a dictionary, fitted at the task's layer."""
    draw = torch.Generator().manual_seed(9)
    return without_dictionary(task.rows, task.female, axes, generator=draw)


def latent_eraser(
    sae: Dictionary, task: GenderTask, text: OtherText, constants: Constants
) -> Chosen:
    """The latent and the way of least harm where the choosing names are at chance."""
    return erasing_latent(
        sae,
        task.rows,
        task.right,
        lambda eraser: harm(text.moved(task.layer, eraser)),
        active=constants["active"],
        chance=constants["chance"] + constants["near"],
        most=float(constants["strength"]),
    )


def harm(moved: Moved) -> float:
    """Mean over texts, at places that have nothing to do with gender."""
    return float(moved.ungendered.nanmean())


def brought_to_chance(
    task: GenderTask, eraser: Eraser, constants: Constants, names: Names
) -> Matched:
    """An eraser as strong as it takes for the task to be at chance on some names."""
    return at_chance(
        eraser,
        lambda edited: task.right(edited, names),
        chance=constants["chance"] + constants["near"],
        most=float(constants["strength"]),
    )


def judge_eraser(
    task: GenderTask, eraser: Eraser, text: OtherText, constants: Constants
) -> JudgedEraser:
    """What an eraser does to the judging texts with the judging names at chance."""
    matched = brought_to_chance(task, eraser, constants, "held out")
    return JudgedEraser(eraser, matched, text.moved(task.layer, matched.eraser))


def at_layer(
    task: GenderTask,
    saes: Sequence[Dictionary],
    axes: Directions,
    texts: tuple[OtherText, OtherText],
    constants: Constants,
) -> ErasersAtLayer:
    """Fit, choose and judge all erasers of a layer; the first text chooses and the
    second judges.
    """
    choosing, judging = texts
    chosen = [latent_eraser(one, task, choosing, constants) for one in saes]
    linear = {
        name: judge_eraser(task, one, judging, constants)
        for name, one in linear_erasers(task, axes).items()
    }
    return ErasersAtLayer(
        task,
        chosen,
        [judge_eraser(task, one.eraser, judging, constants) for one in chosen],
        {name: linear[name] for name in SUPERVISED_ERASERS},
        linear["random direction"],
    )


def left_by_supervised(found: ErasersAtLayer, most: float) -> Float[Tensor, " name"]:
    """The positive control: the probability of the right pronoun for each judging name
    under the supervised eraser, and at the strength, that leaves least.
    """
    erasers = [one.eraser for one in found.supervised.values()]
    strengths = [one for one in STRENGTHS if one <= most]
    each = [
        found.task.each(scaled(one, strength), "held out")
        for one in erasers
        for strength in strengths
    ]
    return min(each, key=lambda one: float(one.mean()))
