"""Fidelity of the book's SAEs on text that none of them has seen: unexplained variance,
and the loss of the language model that goes on from the reconstruction.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.claims.interpretability.grid import InterpretabilityGrid, frontier
from saecore.claims.sites import model_site
from saecore.measures.dictionary.fidelity import (
    EditOfStream,
    Fidelity,
    Recovered,
    ablation_edit,
    fidelity,
    loss_recovered,
    splice,
)
from saecore.profiles import Profile
from saecore.recipes.sae import SAERecipe
from saecore.report.figures import NAMES
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.next_token import losses
from saecore.zoo.sae import SAE
from saecore.zoo.store import Zoo

NEW_TEXTS = 16
"""Texts of another sample that fidelity is measured on."""


class KeptBySae(NamedTuple):
    """What one SAE keeps of the stream and of the language model's loss."""

    recipe: SAERecipe
    """Which SAE."""
    fidelity: Fidelity
    """FVU, L0 and live latents on the new text."""
    recovered: Recovered
    """The loss that the model keeps, between its own and an ablated stream's."""
    perplexity: float
    """Of the language model that goes on from the reconstruction."""

    def row(self) -> dict[str, str | float]:
        """As a row of a table."""
        return {
            "architecture": NAMES[self.recipe.architecture],
            "width": self.recipe.width,
            "k asked": self.recipe.k,
            "L0": self.fidelity.l0,
            "FVU": self.fidelity.fvu,
            "live": self.fidelity.live_share,
            "perplexity": self.perplexity,
            "recovered (zero)": self.recovered.of_zero,
            "recovered (mean)": self.recovered.of_mean,
        }


@dataclass(frozen=True, eq=False)
class NewText:
    """Text of another sample, and what the language model makes of it."""

    model: OpenModel
    """The language model that wrote it."""
    tokens: Int[Tensor, "text pos"]
    """The text."""
    streams: dict[int, Float[Tensor, "text pos d_model"]]
    """The residual stream after each layer."""

    @property
    def perplexity(self) -> float:
        """Of the language model as it is."""
        return math.exp(self.clean)

    @cached_property
    def clean(self) -> float:
        """Mean loss in nats per token."""
        return float(losses(self.model, self.tokens).mean())

    @cached_property
    def without(self) -> dict[int, dict[str, float]]:
        """Mean loss with the stream after a layer replaced by zeros, or by its mean."""
        rows = {layer: self.rows(layer) for layer in self.streams}
        return {
            layer: {
                "zero": self.loss(layer, ablation_edit(torch.zeros_like(there[0]))),
                "mean": self.loss(layer, ablation_edit(there.mean(0))),
            }
            for layer, there in rows.items()
        }

    def rows(self, layer: int) -> Float[Tensor, "row d_model"]:
        """All positions after a layer but each text's first."""
        return self.streams[layer][:, 1:].flatten(0, 1)

    def loss(self, layer: int, edit: EditOfStream) -> float:
        """Mean loss with an edit of the stream after a layer."""
        return float(losses(self.model, self.tokens, edit=(layer, edit)).mean())

    def kept(self, recipe: SAERecipe, sae: SAE) -> KeptBySae:
        """Fidelity of an SAE on this text, and the loss that the model recovers."""
        layer = recipe.site.layer
        assert layer is not None
        spliced = self.loss(layer, splice(sae))
        recovered = loss_recovered(
            clean=self.clean, spliced=spliced, **self.without[layer]
        )
        perplexity = math.exp(self.clean + recovered.lost)
        return KeptBySae(recipe, fidelity(sae, self.rows(layer)), recovered, perplexity)


class FidelityOfSaes(NamedTuple):
    """Fidelity along the sweeps of the book, one seed each."""

    text: NewText
    """The text that it is measured on."""
    sparsities: dict[str, dict[int, KeptBySae]]
    """By architecture, then k, at the base width."""
    widths: dict[str, dict[int, KeptBySae]]
    """By architecture, then width, at the base k."""
    layers: dict[int, KeptBySae]
    """The base setting by layer."""
    base: KeptBySae
    """The base setting."""


def fidelity_of_saes(zoo: Zoo, profile: Profile) -> FidelityOfSaes:
    """Fraction of variance unexplained, L0, live latents and recovered loss of SAEs
    over sparsities, widths and layers, on new text (Cunningham et al. 2309.08600,
    figures 6 and 16).

    Raises ValueError where removing a layer's stream costs the model nothing.
    """
    grid, text = frontier(profile), new_text(zoo, profile)
    asked = _one_seed(grid)
    saes = zoo.get_all(asked)
    kept = {recipe: text.kept(recipe, saes[recipe]) for recipe in asked}
    return FidelityOfSaes(
        text,
        {a: {k: kept[one] for k, one in of.items()} for a, of in grid.frontier.items()},
        {a: {w: kept[one] for w, one in of.items()} for a, of in grid.widths.items()},
        {layer: kept[of[0]] for layer, of in grid.layers.items()},
        kept[grid.base[0]],
    )


def new_text(zoo: Zoo, profile: Profile) -> NewText:
    """Text that the language model wrote and that no SAE of the book has seen."""
    model = open_model(profile.folder)
    tokens = zoo.get(model_site(profile, sample=1).text)[-NEW_TEXTS:]
    return NewText(model, tokens, model.read(tokens, profile.layers))


def rows_by_architecture(
    sweep: Mapping[str, Mapping[int, KeptBySae]],
) -> dict[str, list[dict[str, str | float]]]:
    """A sweep as rows of a table, by architecture."""
    return {kind: [one.row() for one in of.values()] for kind, of in sweep.items()}


def _one_seed(grid: InterpretabilityGrid) -> list[SAERecipe]:
    """The first seed of every setting of the sweeps."""
    sweeps = [*grid.frontier.values(), *grid.widths.values()]
    every = [one for of in sweeps for one in of.values()]
    return list(dict.fromkeys([*every, *(of[0] for of in grid.layers.values())]))
