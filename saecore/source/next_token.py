"""What a language model expects at every position of a text, as it is or with its stream edited."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from saecore.source.language_model import Edit, OpenModel

LOGITS = 8_000_000  # numbers of logits held at a time


def losses(
    model: OpenModel, tokens: Int[Tensor, "seq pos"], *, edit: Edit | None = None
) -> Float[Tensor, "seq predicted"]:
    """The cost of each token but the first, given those before it, in nats; the stream edited if asked."""

    def cost(piece: Tensor) -> Tensor:
        logits = model.logits(piece, edit=edit)[:, :-1]
        expected = piece[:, 1:].to(logits.device)
        flat = functional.cross_entropy(logits.flatten(0, 1), expected.flatten(), reduction="none")
        return flat.view(expected.shape)

    return _by_sequences(model, tokens, cost)


def divergence(
    model: OpenModel, tokens: Int[Tensor, "seq pos"], edit: Edit
) -> Float[Tensor, "seq predicted"]:
    """How far an edit moves each next-token distribution: KL(as it is || edited), in nats.

    For the tokens but the first, like `losses`; what an edit does to text that it should leave alone.
    """

    def moved(piece: Tensor) -> Tensor:
        before = model.logits(piece)[:, :-1].log_softmax(-1)
        after = model.logits(piece, edit=edit)[:, :-1].log_softmax(-1)
        return functional.kl_div(after, before, reduction="none", log_target=True).sum(-1)

    return _by_sequences(model, tokens, moved)


def _by_sequences(
    model: OpenModel, tokens: Tensor, function: Callable[[Tensor], Tensor]
) -> Float[Tensor, "seq predicted"]:
    """A function of sequences, so many at a time as their logits allow."""
    if tokens.shape[1] < 2:
        raise ValueError(
            f"there is a next token only in sequences of two or more, got {tokens.shape[1]}: give longer ones"
        )
    batch = max(1, LOGITS // (tokens.shape[1] * model.vocab_size))
    with torch.no_grad():
        return torch.cat([function(piece).cpu() for piece in tokens.split(batch)])
