"""Path patching from one layer to a later one: what becomes of an edited stream."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.model.language_model import OpenModel, Stream
from saecore.source.model.packed_edits import Edits, attention, packed
from saecore.source.model.resume import Resumed

BATCH = 64

_Tokens = Int[Tensor, "context pos"]


class LayerToLayer:
    """Path patching: streams that are edited after a layer, as after a later one.

    Only the blocks between the two layers are run, and of the streams only what can
    matter (`saecore.source.model.resume`; whole passes on models that need them). Where
    there is one block between them, a position depends on others by attention alone: it
    is enough to compute the positions that an edit changes and the one that is read,
    and many edits of one stream share a sequence (`saecore.source.model.packed_edits`).
    This is compared with the plain way once, when it is made; where the two differ (a
    model that takes no mask of ours), and over several blocks, `packs` is False and
    every edit has its own sequence.
    """

    packs: bool
    """Whether edits share sequences."""

    def __init__(
        self, model: OpenModel, tokens: Int[Tensor, "seq pos"], lower: int, upper: int
    ) -> None:
        if not 0 <= lower < upper < model.n_layers:
            raise ValueError(
                "a stream goes from a lower to an upper layer of the model's "
                f"{model.n_layers}, not from {lower} to {upper}: choose others"
            )
        self.tokens = tokens
        self._resumed = Resumed(model, tokens[:2], lower, upper=upper)
        self.packs = False
        if upper == lower + 1 and self._resumed.replays:
            self._mask = attention(model, upper, tokens.shape[1])
            self.packs = self._packing_is_right()

    @torch.no_grad()
    def __call__(
        self,
        stream: Float[Tensor, "context pos d_model"],
        at: Int[Tensor, " context"],
        context: Int[Tensor, " edit"],
        edit: Int[Tensor, " change"],
        position: Int[Tensor, " change"],
        change: Float[Tensor, "change d_model"],
        text: Int[Tensor, " context"],
    ) -> Float[Tensor, "edit d_model"]:
        """The stream of each edit after `upper`, where its context is read.

        Edit e is made to stream[context[e]] after `lower`, the stream of the text
        number text[context[e]] of `tokens`, and read at at[context[e]]. It adds
        change[c] at position[c] for all c with edit[c] = e.
        """
        edits, tokens = Edits(stream, at, context, edit, position, change), self.tokens
        tokens = tokens[text.to(tokens.device)].to(stream.device)
        return self._packed(edits, tokens) if self.packs else self._apart(edits, tokens)

    def _apart(self, edits: Edits, tokens: _Tokens) -> Float[Tensor, "edit d_model"]:
        """A sequence for each edit, up to the position that is read; early ones go
        together.
        """
        at = edits.at[edits.context]
        out = edits.stream.new_empty(len(at), edits.stream.shape[2])
        for some in at.argsort().split(BATCH):
            length = int(at[some].max()) + 1
            stream = edits.stream[edits.context[some], :length].clone()
            number = torch.full_like(edits.context, -1)
            number[some] = torch.arange(len(some), device=at.device)
            mine = ((number[edits.edit] >= 0) & (edits.position < length)).nonzero()[
                :, 0
            ]
            where = (number[edits.edit[mine]], edits.position[mine])
            stream.index_put_(where, edits.change[mine], accumulate=True)
            found = self._resumed.run(stream, tokens[edits.context[some], :length])
            every = torch.arange(len(some), device=found.device)
            out[some] = found[every, at[some].to(found.device)].to(out)
        return out

    def _packed(self, edits: Edits, tokens: _Tokens) -> Float[Tensor, "edit d_model"]:
        """Many edits to a sequence."""
        out = edits.stream.new_empty(len(edits.context), edits.stream.shape[2])
        device = self._resumed.model.device
        for part in packed(edits):
            context = edits.context.new_empty(len(part.stream))
            context[part.row] = edits.context[part.edit]
            found = self._resumed.run(
                part.stream,
                tokens[context[:, None], part.position],
                attention_mask=part.mask(self._mask).to(device),
                position_ids=part.position.to(device),
            )
            out[part.edit] = found[part.row, part.column].to(out)
        return out

    @torch.no_grad()
    def _packing_is_right(self) -> bool:
        """Whether shared sequences give what separate ones do, for random edits."""
        edits, tokens = _trial(self._resumed.stream), self._resumed.tokens
        expected = self._apart(edits, tokens)
        try:
            found = self._packed(edits, tokens)
        # a model may refuse in any way of its own; separate sequences need none of this
        except Exception:
            return False
        return torch.allclose(
            found, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max())
        )


def onward(
    model: OpenModel, tokens: Int[Tensor, "seq pos"], lower: int, upper: int
) -> LayerToLayer:
    """Path patching: streams of `tokens` that are edited after `lower`, as after
    `upper`.

    Raises ValueError unless lower < upper are layers of the model.
    """
    return LayerToLayer(model, tokens, lower, upper)


def _trial(stream: Stream) -> Edits:
    """Six edits to each of some streams, as long as the streams themselves, at half of
    the positions.
    """
    generator = torch.Generator().manual_seed(0)
    sequences, length, d_model = stream.shape
    context = torch.arange(sequences).repeat_interleave(6)
    chance = torch.rand(len(context), length, generator=generator)
    edit, position = (chance < chance[:, :1]).nonzero(as_tuple=True)
    change = (
        torch.randn(len(edit), d_model, generator=generator).to(stream) * stream.std()
    )
    at = torch.full((sequences,), length - 1)
    at[0] = length // 2
    move = stream.device
    return Edits(
        stream, at.to(move), context.to(move), edit.to(move), position.to(move), change
    )
