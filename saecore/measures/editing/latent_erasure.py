"""Concept erasure by one latent of a dictionary: set to zero, or projected out.

A latent that is subtracted leaves rows alone where it is silent. Source: the first
version of Cunningham et al. (2309.08600v1), known from its code.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from saecore.measures.editing.erasure import Eraser, along, auroc_from_half
from saecore.shapes import Dictionary, Rows


def subtracted(dictionary: Dictionary, latents: Int[Tensor, " chosen"]) -> Eraser:
    """Zero ablation of the chosen latents: x - sum_j a_j d_j.

    Rows in which all of them are silent stay as they are, and the reconstruction error
    of the others too.
    """

    def erase(x: Tensor) -> Tensor:
        flat = x.reshape(-1, x.shape[-1])
        active = dictionary.encode(flat)[:, latents]
        return (flat - active @ dictionary.W_dec[latents]).view_as(x)

    return erase


def telling_latents(
    dictionary: Dictionary, x: Rows, label: Bool[Tensor, " row"], *, count: int
) -> Int[Tensor, " chosen"]:
    """The `count` latents of largest |AUROC - 1/2|, best first: those whose activations
    alone tell the label best.

    Departure: the authors' code fits a probe after every single projection; ranking by
    AUROC needs one pass. Their next step, trying the best few on the task itself, is
    `erasing_latent`.
    """
    tells = auroc_from_half(dictionary.encode(x), label)
    return tells.topk(min(count, len(tells))).indices


class Chosen(NamedTuple):
    """One latent as an eraser, chosen on the task."""

    latent: int
    """Its number."""
    eraser: Eraser
    """Its ablation or projection."""
    right: float
    """What is left of the task: the mean probability of the right answer."""


def erasing_latent(
    dictionary: Dictionary,
    x: Rows,
    label: Bool[Tensor, " row"],
    right: Callable[[Eraser], float],
    *,
    count: int,
) -> dict[str, Chosen]:
    """Concept erasure by one latent, "subtracted" and "projected": of the `count` best
    `telling_latents` the one after which the task is worst.

    `right` is the mean probability of the right answer under an eraser. Source: the
    choice of Cunningham et al. (2309.08600v1, code), a few latents that tell the label,
    then the task itself.
    """
    tried: dict[str, list[Chosen]] = {"subtracted": [], "projected": []}
    for latent in telling_latents(dictionary, x, label, count=count).tolist():
        silenced = subtracted(dictionary, torch.tensor([latent]))
        for way, eraser in (
            ("subtracted", silenced),
            ("projected", along(dictionary.W_dec[latent])),
        ):
            tried[way].append(Chosen(latent, eraser, right(eraser)))
    return {way: min(found, key=lambda one: one.right) for way, found in tried.items()}


def stronger(ways: Mapping[str, Chosen]) -> Chosen:
    """Of the ways to erase that `erasing_latent` found the one that leaves least of the
    task.
    """
    return min(ways.values(), key=lambda one: one.right)
