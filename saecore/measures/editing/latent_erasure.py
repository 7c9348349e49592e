"""Concept erasure by one latent of a dictionary: set to zero, or projected out.

A latent that is subtracted leaves rows alone where it is silent. Source: the first
version of Cunningham et al. (2309.08600v1), known from its code.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.dictionary.row_units import directions_of, strengths
from saecore.measures.editing.erasure import Eraser, along
from saecore.measures.editing.erasure_strength import Matched, at_chance
from saecore.shapes import Dictionary, Rows, RowScaled

Way = Literal["subtracted", "projected"]


def subtracted(
    dictionary: Dictionary | RowScaled, latents: Int[Tensor, " chosen"]
) -> Eraser:
    """Zero ablation of the chosen latents: x - sum_j a_j d_j, with a_j in the units of
    the row (a dictionary that normalises rows adds its latents at their scales).

    Rows in which all of them are silent stay as they are, and the reconstruction error
    of the others too.
    """

    @torch.no_grad()
    def erase(x: Tensor) -> Tensor:
        flat = x.reshape(-1, x.shape[-1])
        active = strengths(dictionary, flat)[:, latents]
        return (flat - active @ directions_of(dictionary)[latents]).view_as(x)

    return erase


@torch.no_grad()
def active_latents(
    dictionary: Dictionary | RowScaled, x: Rows, *, least: float
) -> Int[Tensor, " chosen"]:
    """The latents that are active on more than a share `least` of the rows: the
    candidates of the authors' thorough choice.
    """
    often = (dictionary.encode(x) > 0).double().mean(0) > least
    return often.nonzero()[:, 0]


class Chosen(NamedTuple):
    """One latent as an eraser, chosen on the task and on other text."""

    latent: int
    """Its number."""
    way: Way
    """How it is erased."""
    eraser: Eraser
    """At its own strength."""
    matched: Matched
    """At the strength that brings the task to chance, if there is one."""


def erasing_latent(
    dictionary: Dictionary | RowScaled,
    x: Rows,
    right: Callable[[Eraser], float],
    harm: Callable[[Eraser], float],
    *,
    active: float,
    chance: float,
    most: float,
) -> Chosen:
    """Concept erasure by one latent: of all that are active on more than a share
    `active` of the rows, and both ways of erasing each, the one that does least harm
    where it has brought the task to chance.

    `right` is the mean probability of the right answer under an eraser, `harm` what the
    eraser does elsewhere. Where none brings the task to chance with at most `most`
    times its edit, the one that leaves least of the task then. Departures from the code
    of Cunningham et al. (2309.08600v1): there the choice is by the task alone, at the
    eraser's own strength, and projection is about the origin; here about the mean of
    the rows. Raises ValueError if no latent is active so often.
    """
    goal = {"chance": chance, "most": most, "before": right(lambda row: row)}
    tried = [
        Chosen(*one, at_chance(one[2], right, **goal))
        for one in _ways(dictionary, x, active)
    ]
    if not tried:
        raise ValueError(
            f"no latent is active on more than {active:.0%} of the {len(x)} rows: take "
            "a smaller share, or a dictionary that was trained on such rows"
        )
    if reached := [one for one in tried if one.matched.reached]:
        return min(reached, key=lambda one: harm(one.matched.eraser))
    return min(tried, key=lambda one: right(one.matched.eraser))


def _ways(
    dictionary: Dictionary | RowScaled, x: Float[Tensor, "row d_model"], active: float
) -> Iterator[tuple[int, Way, Eraser]]:
    """Every candidate in both ways."""
    centre = x.mean(0)
    for latent in active_latents(dictionary, x, least=active):
        number = int(latent)
        yield number, "subtracted", subtracted(dictionary, latent[None])
        direction = directions_of(dictionary)[number]
        yield number, "projected", along(direction, centre=centre)
