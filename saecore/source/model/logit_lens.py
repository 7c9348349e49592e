"""What a direction of the residual stream does to the next token if nothing else reads
it.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.errors import Unsuited
from saecore.shapes import Directions
from saecore.source.model.language_model import OpenModel


class Promoted(NamedTuple):
    """The tokens that each direction raises most and lowers most."""

    token: Int[Tensor, "latent rank"]
    """Most raised first."""
    score: Float[Tensor, "latent rank"]
    """Standard deviations above the mean over all tokens."""
    lowered: Int[Tensor, "latent rank"]
    """Most lowered first."""
    lowered_score: Float[Tensor, "latent rank"]
    """Standard deviations from the mean; below 0."""


@torch.no_grad()
def promoted(model: OpenModel, directions: Directions, *, count: int) -> Promoted:
    """The logit lens: directions through the final norm's gain and the unembedding.

    logits = (direction * gain) W_U, with the mean over d_model taken off first where
    the norm does so. The norm's division by the size of the stream is left out: it
    scales all tokens alike. Scores are in standard deviations over the vocabulary, so
    neither the direction's length nor a shift of all logits matters. A direction that
    is 0 gives scores of 0.
    """
    gain, centres = _final_norm(model)
    unembedding = model.model.get_output_embeddings().weight.float()
    if unembedding.shape[1] != directions.shape[1]:
        raise Unsuited(
            "the logit lens needs an unembedding as wide as the stream, but this model "
            f"projects {directions.shape[1]} numbers to {unembedding.shape[1]} before "
            "it: use a model that does not"
        )
    parts = []
    for piece in directions.to(unembedding).split(256):
        piece = piece - piece.mean(1, keepdim=True) if centres else piece
        logits = (piece * gain) @ unembedding.T
        spread = logits.std(1, keepdim=True)
        score = torch.where(
            spread > 0, (logits - logits.mean(1, keepdim=True)) / spread, 0
        )
        high, low = score.topk(count, 1), (-score).topk(count, 1)
        parts.append((high.indices, high.values, low.indices, -low.values))
    token, raised, lowered, sunk = (
        torch.cat(p).cpu() for p in zip(*parts, strict=True)
    )
    return Promoted(token, raised, lowered, sunk)


def _final_norm(model: OpenModel) -> tuple[Tensor, bool]:
    """The gain of the last norm outside the blocks, and whether it takes the mean off
    first.

    Both are read off what the norm does to rows of plus and minus one (some norms store
    gain - 1).
    """
    inner = {id(module) for module in model.blocks.modules()}
    norms: list[Any] = [
        module
        for module in model.model.modules()
        if id(module) not in inner
        and getattr(getattr(module, "weight", None), "shape", ()) == (model.d_model,)
    ]
    if not norms:
        return torch.ones(model.d_model), False
    same = torch.ones(model.d_model, device=model.device)
    turns = same.clone()
    turns[1::2] = -1
    change = (
        norms[-1](torch.stack([turns, same])) - norms[-1](torch.stack([-turns, -same]))
    ).float() / 2
    return change[0] * turns, bool(change[1].abs().max() < 1e-3 * change[0].abs().max())
