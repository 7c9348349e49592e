"""Decoder rows of an SAE: what a meta-SAE learns from, and nulls of the same shape."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.dictionary.nulls import same_moments
from saecore.recipes.meta import MetaRecipe
from saecore.seeding import stable_seed
from saecore.shapes import Dictionary
from saecore.training.trainer import TrainingRows


class DecoderRows(NamedTuple):
    """Decoder rows that a meta-SAE learns from, and those that are held back."""

    rows: Float[Tensor, "latent d_model"]
    """Unit rows, in the order of the SAE's latents (a null's row has nothing to do with
    its latent).
    """
    train: Int[Tensor, " trained"]
    """Indices of the rows that are trained on, ascending."""
    held: Int[Tensor, " held"]
    """Indices of the rows that are held back, ascending."""


def decoder_rows(recipe: MetaRecipe, sae: Dictionary) -> DecoderRows:
    """Decoder rows for a meta-SAE of `sae`, which is what `recipe.sae` gives; the same
    whenever it is asked.

    Raises ValueError if `sae` has another width.
    """
    rows = unit_rows(sae.W_dec.detach().cpu().float())
    if len(rows) != recipe.sae.width:
        raise ValueError(
            "the decoder must be that of the recipe's SAE, of width "
            f"{recipe.sae.width}, but has {len(rows)} rows: pass the SAE that the zoo "
            "gives for recipe.sae"
        )
    generator = torch.Generator().manual_seed(stable_seed("meta split"))
    order = torch.randperm(len(rows), generator=generator)
    train, held = (
        order[: recipe.train_rows].sort().values,
        order[recipe.train_rows :].sort().values,
    )
    if recipe.rows != "decoder":
        rows = _null(recipe, rows)
    return DecoderRows(rows, train, held)


def _null(recipe: MetaRecipe, rows: Tensor) -> Tensor:
    """As many unit rows without structure."""
    generator = torch.Generator().manual_seed(
        stable_seed("meta null", recipe.rows, recipe.seed)
    )
    noise = torch.randn(rows.shape, generator=generator, dtype=torch.float64)
    if recipe.rows == "gaussian":
        return unit_rows(noise).float()
    return unit_rows(same_moments(rows, noise)).float()


def meta_rows(recipe: MetaRecipe, sae: Dictionary) -> TrainingRows:
    """The rows as the trainer takes them: thresholds are set on the rows that are
    trained on, as no others may be spent; `check` holds those that are held back.

    The trainer centres the rows by the mean of those it trains on; the finished b_dec
    is that mean plus what was learnt beyond it, so "no meta-latent" stands for the mean
    row.
    """
    rows, train, held = decoder_rows(recipe, sae)
    known = rows[train]
    mean = known.mean(0, dtype=torch.float64).float()
    scale = float((known - mean).square().sum(1, dtype=torch.float64).mean().sqrt())
    return TrainingRows(known, known, rows[held], mean, scale)
