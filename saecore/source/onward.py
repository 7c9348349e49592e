"""A language model from one layer to a later one: what becomes of a stream that is edited here and there."""

from contextlib import suppress
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.hooks import Enough, captured
from saecore.source.language_model import OpenModel, Stream
from saecore.source.packed_edits import Edits, attention, packed
from saecore.source.replay import gives_tuple, replayed

BATCH = 64


class Onward:
    """(streams, where they are read, edits) -> what is read after `upper`, one row for each edit.

    Only the blocks between the two layers are run, and of the streams only what can matter. Where there is
    one block between them, a position depends on others by attention alone: it is enough to compute the
    positions that an edit changes and the one that is read, and many edits of one stream share a sequence
    (`saecore.source.packed_edits`). This is compared with the plain way once, when it is made; where the two
    differ (a model that takes no mask of ours), and over several blocks, `packs` is False and every edit has
    a sequence of its own.
    """

    packs: bool
    """Whether edits share sequences."""

    def __init__(self, model: OpenModel, tokens: Int[Tensor, "seq pos"], lower: int, upper: int) -> None:
        if not 0 <= lower < upper < model.n_layers:
            raise ValueError(
                f"a stream goes from a lower to an upper layer of the model's {model.n_layers}, not from "
                f"{lower} to {upper}: choose others"
            )
        self.model, self.lower, self.upper = model, lower, upper
        self._in_tuple = gives_tuple(model.model, model.blocks[lower], tokens[:1])
        self._mask = attention(model, upper, tokens.shape[1])
        self.packs = upper == lower + 1 and self._packing_is_right(tokens[:2])

    @torch.no_grad()
    def __call__(
        self,
        stream: Float[Tensor, "context pos d_model"],
        at: Int[Tensor, " context"],
        context: Int[Tensor, " edit"],
        edit: Int[Tensor, " change"],
        position: Int[Tensor, " change"],
        change: Float[Tensor, "change d_model"],
    ) -> Float[Tensor, "edit d_model"]:
        """Edit e is made to stream[context[e]] after `lower` and read at at[context[e]] after `upper`.

        It adds change[c] at position[c] for all c with edit[c] = e.
        """
        edits = Edits(stream, at, context, edit, position, change)
        return self._packed(edits) if self.packs else self._apart(edits)

    def _apart(self, edits: Edits) -> Float[Tensor, "edit d_model"]:
        """A sequence for each edit, up to the position that is read; early ones go together."""
        at = edits.at[edits.context]
        out = edits.stream.new_empty(len(at), edits.stream.shape[2])
        for some in at.argsort().split(BATCH):
            length = int(at[some].max()) + 1
            stream = edits.stream[edits.context[some], :length].clone()
            number = torch.full_like(edits.context, -1)
            number[some] = torch.arange(len(some), device=at.device)
            mine = ((number[edits.edit] >= 0) & (edits.position < length)).nonzero()[:, 0]
            where = (number[edits.edit[mine]], edits.position[mine])
            stream.index_put_(where, edits.change[mine], accumulate=True)
            out[some] = self._run(stream)[torch.arange(len(some), device=at.device), at[some]].to(out)
        return out

    def _packed(self, edits: Edits) -> Float[Tensor, "edit d_model"]:
        """Many edits to a sequence."""
        out = edits.stream.new_empty(len(edits.context), edits.stream.shape[2])
        for part in packed(edits):
            mask = part.mask(self._mask)
            found = self._run(part.stream, attention_mask=mask, position_ids=part.position)
            out[part.edit] = found[part.row, part.column].to(out)
        return out

    def _run(self, stream: Stream, **options: Any) -> Stream:
        device = self.model.device
        tokens = torch.full(stream.shape[:2], self.model.bos, device=device)  # read by no block that runs
        options = {name: value.to(device) for name, value in options.items()}
        blocks = list(self.model.blocks)
        with (
            replayed(blocks, self.lower, stream.to(device), in_tuple=self._in_tuple),
            captured({self.upper: blocks[self.upper]}, before=False) as found,
            suppress(Enough),
        ):
            self.model.model(tokens, use_cache=False, **options)
        return found[self.upper]

    @torch.no_grad()
    def _packing_is_right(self, tokens: Int[Tensor, "seq pos"]) -> bool:
        """Whether shared sequences give what separate ones give: tried on a few random edits."""
        stream = self.model.read(tokens, [self.lower])[self.lower]
        edits = _trial(stream)
        expected = self._apart(edits)
        try:
            found = self._packed(edits)
        except Exception:  # a model may refuse in any way of its own; separate sequences need none of this
            return False
        return torch.allclose(found, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max()))


def onward(model: OpenModel, tokens: Int[Tensor, "seq pos"], lower: int, upper: int) -> Onward:
    """What becomes, after `upper`, of streams of texts as long as `tokens` that are edited after `lower`.

    Raises ValueError unless lower < upper are layers of the model.
    """
    return Onward(model, tokens, lower, upper)


def _trial(stream: Stream) -> Edits:
    """Six edits to each of some streams, as long as the streams themselves, at half of the positions."""
    generator = torch.Generator().manual_seed(0)
    sequences, length, d_model = stream.shape
    context = torch.arange(sequences).repeat_interleave(6)
    chance = torch.rand(len(context), length, generator=generator)
    edit, position = (chance < chance[:, :1]).nonzero(as_tuple=True)
    change = torch.randn(len(edit), d_model, generator=generator).to(stream) * stream.std()
    at = torch.full((sequences,), length - 1)
    at[0] = length // 2
    move = stream.device
    return Edits(stream, at.to(move), context.to(move), edit.to(move), position.to(move), change)
