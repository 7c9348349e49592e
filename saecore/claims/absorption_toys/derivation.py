"""The family of the paper's proof: what absorption costs, and what it saves."""

from typing import Any, NamedTuple

import torch

from saecore.measures.absorption import closed_form
from saecore.source.worlds import toys
from saecore.source.worlds.toys import CHILD, PARENT, Toy

FAMILY_DELTAS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Saved(NamedTuple):
    """Share of each penalty that absorption saves, along delta from 0 to 1."""

    delta: list[float]
    plain: list[float]
    """Of the sum of activations."""
    norms: list[float]
    """Of the sum of activations weighted by decoder norms."""
    l0: list[float]
    """Of the number of active latents."""


def family_sums(toy: Toy, *, seed: int = 0) -> list[dict[str, Any]]:
    """The family's matrices on all rows of a toy, one row per delta: error and penalty.

    Each sum by the matrices stands beside the closed form. `toy` is a hierarchy: only
    there is the reconstruction exact.
    """
    features = toys.directions(toy, seed=seed).double()
    active, probability = toys.patterns(toy)
    rows = active[:, [PARENT, CHILD]].double() @ features[[PARENT, CHILD]]
    rates = {"p11": toy.p11, "p10": toy.p10}
    found = []
    for delta in FAMILY_DELTAS:
        pair = closed_form.family(delta, features[PARENT], features[CHILD])
        latents, norms = pair.encode(rows), pair.W_dec.norm(dim=1)
        error = closed_form.closed_form_objective(pair, rows, probability, penalty=0)
        row = {"delta": delta, "squared error": error}
        row["sum of activations"] = float(probability @ latents.sum(1))
        row["by the formula"] = float(closed_form.l1(delta, **rates))
        row["weighted by norms"] = float(probability @ (latents @ norms))
        row["formula with norms"] = float(closed_form.weighted_l1(delta, **rates))
        found.append(row)
    return found


def saved(toy: Toy, *, points: int = 201) -> Saved:
    """1 - penalty(delta) / penalty(0) on a grid of `points`, for three penalties."""
    delta = torch.linspace(0, 1, points, dtype=torch.float64)
    forms = (closed_form.l1, closed_form.weighted_l1, closed_form.expected_l0)
    rates = {"p11": toy.p11, "p10": toy.p10}
    shares = [1 - form(delta, **rates) / form(0.0, **rates) for form in forms]
    return Saved(delta.tolist(), *(share.tolist() for share in shares))
