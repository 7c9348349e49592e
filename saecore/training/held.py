"""Baselines and tied weights: what of an SAE does not learn, or not freely."""

import math

import torch
from torch import Tensor

from saecore.recipes.sae import SAERecipe
from saecore.training.gradients import Parameters

KEPT_COSINE = 0.8
"""Cosine to their start that softly frozen directions keep (Korznikov et al.
2602.14111, section 4.1).
"""


class Constraints:
    """The constraints of a recipe on the weights of a block, which it changes in place:
    frozen and softly frozen rows, and tied ones.

    The rows of a frozen ReLU encoder keep their directions, and their lengths train:
    with unit rows in the decoder, nothing else says how large activations are. This is
    a frozen encoder with a decoder whose rows have any length.
    """

    def __init__(self, recipe: SAERecipe, weights: Parameters) -> None:
        self.recipe, self.weights = recipe, weights
        self.lengths = recipe.frozen == "encoder" and recipe.architecture == "relu"
        if recipe.frozen == "soft-decoder":
            self.start = weights["W_dec"].clone()
        if self.lengths:
            self.start = weights["W_enc"].clone()
            weights["log_length"] = torch.zeros_like(weights["b_enc"])
        if recipe.tied:
            weights["W_enc"] = weights["W_dec"]

    def allowed(self, gradients: Parameters) -> Parameters:
        """The gradients of what learns. A tied direction has those of both its uses,
        and the decoder's bias of a tied SAE does not learn.
        """
        if self.recipe.tied:
            both = gradients["W_dec"] + gradients["W_enc"]
            return {"W_dec": both, "b_enc": gradients["b_enc"]}
        frozen = {"decoder": "W_dec", "encoder": "W_enc"}.get(self.recipe.frozen)
        free = {name: g for name, g in gradients.items() if name != frozen}
        if self.lengths:
            along = gradients["W_enc"] * self.weights["W_enc"]
            free["log_length"] = along.sum(1)
        return free

    def keep(self) -> None:
        """Projection of softly frozen directions that have gone too far, and lengths
        where they train.
        """
        if self.recipe.frozen == "soft-decoder":
            w_dec = self.weights["W_dec"]
            w_dec.copy_(near(w_dec, self.start))
        if self.lengths:
            length = self.weights["log_length"].exp()[:, None]
            torch.mul(self.start, length, out=self.weights["W_enc"])


def near(directions: Tensor, start: Tensor) -> Tensor:
    """The nearest unit vectors of cosine `KEPT_COSINE` or more to their start."""
    cosine = (directions * start).sum(1, keepdim=True)
    away = directions - cosine * start
    length = away.norm(dim=1, keepdim=True).clamp(min=1e-12)
    away *= math.sqrt(1 - KEPT_COSINE**2) / length
    return (KEPT_COSINE * start + away).where(cosine < KEPT_COSINE, directions)
