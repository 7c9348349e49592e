"""Decoder rows of an SAE: what a meta-SAE learns from, and nulls of the same shape."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.dictionary.nulls import same_moments
from saecore.measures.meta.cluster_null import clustered
from saecore.recipes.meta import MetaRecipe
from saecore.seeding import stable_seed
from saecore.shapes import Dictionary, Rows
from saecore.source.site import Given
from saecore.source.worlds import known_rows
from saecore.source.worlds.world import World
from saecore.training.trainer import TrainingRows

FIRING_ROWS = 32_768
"""Rows of an SAE's site, the last, on which a latent must fire to count as live."""
Live = Bool[Tensor, " latent"]


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


def live_latents(sae: Dictionary, rows: Rows) -> Live:
    """Live latents: those that fire on at least one of the last `FIRING_ROWS` rows."""
    live = torch.zeros(len(sae.W_dec), dtype=torch.bool)
    for part in rows[-FIRING_ROWS:].split(4096):
        live |= (sae.encode(part) > 0).any(0).cpu()
    return live


def decoder_rows(
    recipe: MetaRecipe, sae: Dictionary, live: Live | None = None
) -> DecoderRows:
    """Decoder rows for a meta-SAE of `sae`, which is what `recipe.sae` gives; the same
    whenever it is asked.

    Latents that are not `live` are neither trained on nor held back; all are by
    default. Raises ValueError if `sae` has another width.
    """
    rows = unit_rows(sae.W_dec.detach().cpu().float())
    if len(rows) != recipe.sae.width:
        raise ValueError(
            "the decoder must be that of the recipe's SAE, of width "
            f"{recipe.sae.width}, but has {len(rows)} rows: pass the SAE that the zoo "
            "gives for recipe.sae"
        )
    if recipe.planted:
        rows, live = _planted(recipe), None
    generator = torch.Generator().manual_seed(stable_seed("meta split"))
    order = torch.randperm(len(rows), generator=generator)
    train, held = (
        part[live[part]] if live is not None and recipe.silent != "kept" else part
        for part in (
            order[: recipe.train_rows].sort().values,
            order[recipe.train_rows :].sort().values,
        )
    )
    if recipe.rows != "decoder":
        rows = _null(recipe, rows, train, held)
    return DecoderRows(rows, train, held)


def _planted(recipe: MetaRecipe) -> Tensor:
    """Rows that are known, of the world that the SAE learnt from; other ones for every
    seed of the SAE.
    """
    world = recipe.sae.site.source
    assert isinstance(world, World)  # the recipe has seen to that
    draw = {"atoms": known_rows.world_atoms, "bundles": known_rows.world_bundles}[
        recipe.planted
    ]
    generator = _generator("meta planted", recipe.planted, recipe.sae.seed)
    return draw(world, recipe.sae.width, generator=generator)


def _null(recipe: MetaRecipe, rows: Tensor, train: Tensor, held: Tensor) -> Tensor:
    """As many unit rows without parts."""
    generator = _generator("meta null", recipe.rows, recipe.seed)
    if recipe.rows == "clusters":
        size = {"count": recipe.width, "generator": generator}
        return clustered(rows, train, held, **size).rows
    noise = torch.randn(rows.shape, generator=generator, dtype=torch.float64)
    if recipe.rows == "gaussian":
        return unit_rows(noise).float()
    live = torch.cat([train, held]).sort().values
    drawn = torch.zeros_like(noise)
    drawn[live] = unit_rows(same_moments(rows[live], noise[live]))
    return drawn.float()


def _generator(*what: str | int) -> Generator:
    return torch.Generator().manual_seed(stable_seed(*what))


def given_rows(recipe: MetaRecipe, given: Given) -> TrainingRows:
    """`meta_rows` of what the zoo gives: the SAE, and the rows on which it fires."""
    sae, live = given.get(recipe.sae), None
    if recipe.silent != "kept" and not recipe.planted:
        live = live_latents(sae, given.get(recipe.sae.site))
    return meta_rows(recipe, sae, live)


def meta_rows(
    recipe: MetaRecipe, sae: Dictionary, live: Live | None = None
) -> TrainingRows:
    """The rows as the trainer takes them: thresholds are set on the rows that are
    trained on, as no others may be spent; `check` holds those that are held back.

    The trainer centres the rows by the mean of those it trains on; the finished b_dec
    is that mean plus what was learnt beyond it, so "no meta-latent" stands for the mean
    row.
    """
    rows, train, held = decoder_rows(recipe, sae, live)
    known = rows[train]
    mean = known.mean(0, dtype=torch.float64).float()
    scale = float((known - mean).square().sum(1, dtype=torch.float64).mean().sqrt())
    return TrainingRows(known, known, rows[held], mean, scale)
