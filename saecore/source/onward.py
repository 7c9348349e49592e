"""A language model from one layer to a later one: what becomes of a stream, edited or not."""

from collections.abc import Callable
from contextlib import suppress

import torch
from jaxtyping import Int
from torch import Tensor

from saecore.source.hooks import Enough, captured
from saecore.source.language_model import OpenModel, Stream
from saecore.source.replay import gives_tuple, replayed


def onward(
    model: OpenModel, tokens: Int[Tensor, "seq pos"], lower: int, upper: int
) -> Callable[[Stream, Int[Tensor, " chosen"]], Stream]:
    """(stream after `lower` on some of the texts, their numbers) -> their stream after `upper`.

    Only the blocks between the two are run. Raises ValueError unless lower < upper are layers of the model.
    """
    if not 0 <= lower < upper < model.n_layers:
        raise ValueError(
            f"a stream goes from a lower to an upper layer of the model's {model.n_layers}, not from {lower} "
            f"to {upper}: choose others"
        )
    in_tuple = gives_tuple(model.model, model.blocks[lower], tokens[:1])

    @torch.no_grad()
    def run(stream: Stream, chosen: Int[Tensor, " chosen"]) -> Stream:
        with (
            replayed(list(model.blocks), lower, stream, in_tuple=in_tuple),
            captured({upper: model.blocks[upper]}, before=False) as found,
            suppress(Enough),
        ):
            model.model(tokens[chosen].to(model.device), use_cache=False)
        return found[upper]

    return run
