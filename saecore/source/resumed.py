"""A text taken up again after one layer: its stream is edited many times, and the layers below run once."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.language_model import OpenModel, Stream
from saecore.source.replay import gives_tuple, replayed

EVERY = slice(None)


class Resumed:
    """Sequences at one layer of a model, and what the model says when their stream there is another one.

    Of an edit only the blocks above the layer are computed. When made, this is compared with whole forward
    passes under an edit, on one sequence; where the two differ (blocks that hand on more than the stream)
    whole passes are made, and `replays` is False. Raises ValueError for a layer that is not there.
    """

    stream: Stream  # the model's own, after `layer`

    def __init__(self, model: OpenModel, tokens: Int[Tensor, "seq pos"], layer: int) -> None:
        self.model, self.tokens, self.layer = model, tokens.to(model.device), layer
        self.stream = model.read(tokens, [layer])[layer]
        self._in_tuple = gives_tuple(model.model, model.blocks[layer], self.tokens[:1])
        self.replays = self._replay_is_right()

    @torch.no_grad()
    def logits(
        self, stream: Stream, which: slice = EVERY, *, last: bool = False
    ) -> Float[Tensor, "seq asked vocab"]:
        """The logits of each next token of the sequences `which`, with `stream` in place of their own after
        the layer; `last`: of the last position only."""
        if self.replays:
            return self._upper(stream, self.tokens[which], last=last)
        return self._whole(stream, self.tokens[which], last=last)

    def _upper(self, stream: Tensor, tokens: Tensor, *, last: bool) -> Tensor:
        with replayed(list(self.model.blocks), self.layer, stream, in_tuple=self._in_tuple):
            return self.model.logits(tokens, last=last)

    def _whole(self, stream: Tensor, tokens: Tensor, *, last: bool) -> Tensor:
        return self.model.logits(tokens, edit=(self.layer, lambda _: stream), last=last)

    def _replay_is_right(self) -> bool:
        halved = self.stream[:1] * 0.5
        expected = self._whole(halved, self.tokens[:1], last=True)
        try:
            found = self._upper(halved, self.tokens[:1], last=True)
        except Exception:  # a model may refuse in any way of its own; whole passes need none of this
            return False
        return torch.allclose(found, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max()))
