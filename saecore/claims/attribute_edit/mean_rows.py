"""The control without an SAE: the mean row of each person taken apart by the same
meta-SAE, and its parts exchanged.
"""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.attribute_edit.person_edits import (
    exchanged_pairs,
    model_answers,
    stands,
)
from saecore.claims.attribute_edit.shares import AttributeEdits
from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.claims.non_atomicity.persons import Quiz
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.meta.attribute_swaps import exchanges
from saecore.recipes.meta import MetaRecipe
from saecore.training.trainer import TrainingRows, train
from saecore.zoo.sae import SAE, configuration

EPOCHS = 100
"""Passes as the recipe counts them: there are a tenth as many rows as latents."""


def mean_rows(about: Quiz) -> Float[Tensor, "person d_model"]:
    """The mean row at each person's name, less the mean over persons."""
    persons = len(about.persons)
    known = about.of >= 0
    sums = torch.zeros(persons, about.rows.shape[1], dtype=torch.float64)
    sums.index_add_(0, about.of[known], torch.as_tensor(about.rows)[known].double())
    count = torch.bincount(about.of[known], minlength=persons).clamp(min=1)
    means = sums / count[:, None]
    return (means - means.mean(0)).float()


def meta_of(rows: Float[Tensor, "row d_model"], recipes: list[MetaRecipe]) -> list[SAE]:
    """Meta-SAEs of unit rows, trained as the recipes say but for shorter, one per
    recipe, with a seed of its own; exactly k a row.
    """
    how = replace(recipes[0], epochs=EPOCHS).training
    seeds = [how.seed + one.sae.seed for one in recipes]
    centre = rows.mean(0)
    scale = float((rows - centre).square().sum(1).mean().sqrt())
    given = TrainingRows(rows, rows, rows, centre, scale)
    size = {"width": how.width, "d_model": rows.shape[1], "k": how.k, "metadata": {}}
    return [
        SAE(
            configuration("topk", **size),
            {name: x for name, x in one.weights.items() if name != "threshold"},
        )
        for one in train(how, seeds, given)
    ]


def mean_edits(found: MetaSAEs, about: Quiz) -> AttributeEdits:
    """Every person's parts exchanged, without an SAE."""
    means, pairs = mean_rows(about), exchanged_pairs(about)
    unit, length = unit_rows(means), means.norm(dim=1)
    everyone = torch.arange(len(means))
    shared = {"pairs": pairs, "generator": draws("mean rows"), **stands(found)}
    seeds = [
        exchanges(
            meta.encode(unit),
            unit,
            everyone,
            everyone >= 0,
            about.values,
            model_answers(about, [length] * len(about.topics)),
            directions=meta.W_dec,
            **shared,
        )
        for meta in meta_of(unit, found.grid.names)
    ]
    return AttributeEdits(about.topics, pairs, seeds)
