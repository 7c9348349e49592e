"""Activation patching from one layer on: only the blocks above run for each edit.

One road for whoever edits the stream of a language model: `Resumed`. It leaves out what
does not matter (`saecore.source.model.replay`), compares the result with a whole pass
under an edit, and makes whole passes on models that are not right without them.
"""

from contextlib import ExitStack, suppress
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from saecore.source.model.hooks import Enough, captured, edited
from saecore.source.model.language_model import OpenModel, Stream
from saecore.source.model.replay import (
    Past,
    last_alone,
    needed_last,
    only,
    replayed,
    tuples,
)

EVERY = slice(None)
_SAME = 1e-3
"""Difference up to which a replay is a whole pass, of the largest number."""
TRIED = 4
"""Sequences on which parts are tried."""

_Tokens = Int[Tensor, "copy length"]
Which = slice | Int[Tensor, " copy"]
Asked = Float[Tensor, "copy asked out"]


class Resumed:
    """Activation patching at one layer: what a model says after another stream there.

    `stream` is the model's own after `layer`, from position `start` on. `logits` says
    what comes of another one, `patched` what comes of another vector at one position.
    Only what is above the layer is run, with these options:

    * `last`: the logits of the last position alone; `lean`: nor is anything computed
      that other positions no longer need for them (see `needed_last`);
    * `choice`: the logits of these tokens alone, in that order;
    * `start`: what comes before this position is not run, but keeps its keys and
      values;
    * `upper`: the stream after this later layer instead of logits; nothing above is
      run;
    * `whole`: whole passes under an edit, whatever the model;
    * `batch`: sequences at a time while the model's own stream is read.

    Differentiable in the streams that are handed in, except with `upper`.

    When made, it is compared with whole passes under an edit, on the first and the last
    sequence. Where they differ or the model refuses (later blocks that read more than
    the stream, no cache), `replays` is False and whole passes are made: right, and
    slower. Raises ValueError for a layer that is not there.
    """

    stream: Stream
    replays: bool

    def __init__(
        self,
        model: OpenModel,
        tokens: Int[Tensor, "seq pos"],
        layer: int,
        *,
        upper: int | None = None,
        start: int = 0,
        last: bool = False,
        lean: bool = False,
        choice: Int[Tensor, " choice"] | None = None,
        batch: int = 64,
        whole: bool = False,
    ) -> None:
        self.model, self.tokens, self.layer = model, tokens.to(model.device), layer
        self.upper, self.start = upper, start
        self.choice = None if choice is None else choice.to(model.device)
        own = model.read(tokens, [layer], batch=batch)[layer]
        self.stream = own[:, start:].contiguous()
        self._past = Past(model.model, self.tokens[:, :start], above=layer)
        self._alone: list[nn.Module] = []
        self._keep: dict[str, int] = {"logits_to_keep": 1}
        self.replays = not whole and self._replay_is_right()
        if lean and self.replays:
            self._alone = self._needed_last()
        if not last:
            self._keep = {}

    def logits(self, stream: Stream, which: Which = EVERY) -> Asked:
        """Logits [copy, asked, token] (with `upper`, a stream) after another stream.

        `stream` [copy, pos - start, d_model] stands in for that of the sequences
        `which`, in their order; a sequence may come several times.
        """
        kept = self._kept(which) if self.replays else {}
        return self.run(stream, self.tokens[which], **kept)

    def patched(
        self, vectors: Float[Tensor, "copy d_model"], place: int, which: Which = EVERY
    ) -> Float[Tensor, "copy out"]:
        """Logits at the last position, with a vector in place of the stream at `place`.

        Copy c is sequence which[c]; at other positions its stream stays as it is.
        """
        own, at = self.stream[which], place - self.start
        parts = [own[:, :at], vectors.to(own)[:, None], own[:, at + 1 :]]
        return self.logits(torch.cat(parts, 1), which)[:, -1]

    def run(self, stream: Stream, tokens: _Tokens, **options: Any) -> Asked:
        """`logits` for any sequences, given as tokens.

        `options` are the model's own, and only for one that replays.
        """
        stream = stream.to(self.model.device)
        if not self.replays:
            return self._whole(stream, tokens)
        return self._upper(stream, tokens, **options)

    def _upper(self, stream: Tensor, tokens: Tensor, **options: Any) -> Tensor:
        blocks, head = list(self.model.blocks), self.model.model.get_output_embeddings()
        with ExitStack() as stack:
            enter = stack.enter_context
            enter(replayed(blocks, self.layer, stream, in_tuple=self._in_tuple))
            enter(last_alone(self._alone))
            if self.choice is not None:
                enter(only(head, self.choice))
            return self._said(tokens[:, self.start :], **options)

    def _whole(self, stream: Tensor, tokens: Tensor) -> Tensor:
        def put(own: Tensor) -> Tensor:
            return torch.cat([own[:, : self.start], stream], 1)

        with edited(self.model.blocks[self.layer], put):
            found = self._said(tokens)
        return found if self.choice is None else found[..., self.choice]

    def _said(self, tokens: Tensor, **options: Any) -> Tensor:
        """The logits of a pass, or the stream after `upper`."""
        options, run = {"use_cache": False, **options}, self.model.model
        tokens = tokens.to(self.model.device)
        if self.upper is None:
            return run(tokens, **options, **self._keep).logits.float()
        wanted = {self.upper: self.model.blocks[self.upper]}
        with captured(wanted, before=False) as found, suppress(Enough):
            run(tokens, **options)
        return found[self.upper]

    def _kept(self, which: Which) -> dict[str, Any]:
        """The key-value cache of what comes before `start`, as options of the model."""
        if not self.start:
            return {}
        return {"past_key_values": self._past.cache(which), "use_cache": True}

    @torch.no_grad()
    def _replay_is_right(self) -> bool:
        """Whether a replay is what a whole pass is, for two sequences that are edited.

        Between the two the model reads another text: what a block may have kept of a
        pass is then no longer right.
        """
        which = torch.tensor([0, len(self.tokens) - 1])
        factor = torch.tensor([0.5, 0.9]).to(self.stream)
        stream, tokens = self.stream[which] * factor[:, None, None], self.tokens[which]
        with tuples(self.model.blocks[self.layer]) as in_tuple:
            expected = self._whole(stream, tokens)
        self._in_tuple = in_tuple[-1]
        try:
            kept = self._kept(which)
            self.model.read(tokens[:1].flip(1), [self.layer])
            found = self._upper(stream, tokens, **kept)
        except Exception:  # a model may refuse in any way of its own
            return False
        largest = float(expected.abs().max())
        return torch.allclose(found, expected, rtol=_SAME, atol=_SAME * largest)

    @torch.no_grad()
    def _needed_last(self) -> list[nn.Module]:
        some = torch.arange(len(self.tokens))[:TRIED]
        halved = self.stream[some] * 0.5
        return needed_last(self.model, lambda: self.logits(halved, some))
