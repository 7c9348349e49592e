"""Many edits of one stream in one sequence: positions that an edit changes stand beside
the unedited ones.

A block mixes positions by attention alone. So behind the unedited stream a sequence may
carry further slots, each for one position of one edit, with that position's number; a
mask lets a slot see the slots of its own edit, and the unedited stream where its edit
changes nothing. Each edit then costs the positions that it changes and the one that is
read, and not a sequence.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.source.model.hooks import Enough
from saecore.source.model.language_model import OpenModel

SLOTS = 128
"""Further slots of a sequence, about."""
SEQUENCES = 16
"""Sequences that go through the block together."""


class Edits(NamedTuple):
    """Edits of some streams."""

    stream: Float[Tensor, "context pos d_model"]
    """Unedited."""
    at: Int[Tensor, " context"]
    """Where each is read."""
    context: Int[Tensor, " edit"]
    """The stream that an edit is made to."""
    edit: Int[Tensor, " change"]
    """The edit that a change belongs to."""
    position: Int[Tensor, " change"]
    """Where it is made."""
    change: Float[Tensor, "change d_model"]
    """What is added there."""


class _Slots(NamedTuple):
    """The positions of the edits that have to be computed: those that change, and those
    that are read.
    """

    key: Int[Tensor, " slot"]
    """Edit times number of positions plus position, ascending."""
    edit: Int[Tensor, " slot"]
    position: Int[Tensor, " slot"]
    stream: Float[Tensor, "slot d_model"]
    read: Int[Tensor, " edit"]
    """The slot in which each edit is read."""


class Packed(NamedTuple):
    """Some sequences: an unedited stream each, and slots for its edits behind it."""

    stream: Float[Tensor, "seq slot d_model"]
    position: Int[Tensor, "seq slot"]
    """The position that each slot stands for."""
    owner: Int[Tensor, "seq slot"]
    """The edit that it belongs to, within this part; -1 for the unedited stream and -2
    for no use.
    """
    changed: Bool[Tensor, "owner pos"]
    """Positions for which each edit has slots."""
    edit: Int[Tensor, " owner"]
    """The number of each edit."""
    row: Int[Tensor, " owner"]
    """The sequence in which it is read."""
    column: Int[Tensor, " owner"]
    """The slot in which it is read."""

    def mask(self, plain: Tensor) -> Tensor:
        """Who sees whom [seq, 1, slot, slot], where `plain` [pos, pos] is the model's
        own mask.

        As `plain`, True for yes, or 0 for yes and a large negative number for no.
        """
        own = self.owner[:, :, None] == self.owner[:, None]
        clean = (self.owner == -1)[:, None] & (self.owner >= 0)[..., None]
        hidden = self.changed[self.owner.clamp(min=0)].gather(
            2, self.position[:, None].expand(-1, self.owner.shape[1], -1)
        )
        seen = own | (clean & ~hidden)
        base = plain.to(seen.device)[self.position[:, :, None], self.position[:, None]]
        no = False if base.dtype == torch.bool else torch.finfo(base.dtype).min
        return base.masked_fill(~seen, no)[:, None]


def packed(edits: Edits) -> Iterator[Packed]:
    """Sequence packing of edits: every sequence holds one stream, and as many of its
    edits as there is room for.
    """
    slots = _slots(edits)
    sequence = _sequence(
        edits, torch.bincount(slots.edit, minlength=len(edits.context))
    )
    for first in range(0, int(sequence.max()) + 1 if len(sequence) else 0, SEQUENCES):
        yield _part(edits, slots, sequence - first)


def _slots(edits: Edits) -> _Slots:
    length = edits.stream.shape[1]
    changed = edits.edit * length + edits.position
    every = torch.arange(len(edits.context), device=changed.device)
    read = every * length + edits.at[edits.context]
    key = torch.cat([changed, read]).unique()
    edit, position = key // length, key % length
    stream = edits.stream[edits.context[edit], position]
    stream.index_add_(0, torch.searchsorted(key, changed), edits.change)
    return _Slots(key, edit, position, stream, torch.searchsorted(key, read))


def _sequence(edits: Edits, size: Int[Tensor, " edit"]) -> Int[Tensor, " edit"]:
    """The sequence of each edit: about `SLOTS` slots of one context; contexts that are
    read early first.
    """
    order = edits.context.argsort(stable=True)
    context, size = edits.context[order], size[order]
    before = size.cumsum(0) - size
    count = torch.bincount(context, minlength=len(edits.at))
    chunk = (before - before[(count.cumsum(0) - count)[context]]) // SLOTS
    rank = edits.at[context] * len(edits.at) + context
    key = rank * (chunk.max() + 1 if len(chunk) else 1) + chunk
    return torch.empty_like(order).index_put_(
        (order,), key.unique(return_inverse=True)[1]
    )


def _part(edits: Edits, slots: _Slots, sequence: Int[Tensor, " edit"]) -> Packed:
    """The sequences 0 to `SEQUENCES` - 1."""
    mine = ((sequence >= 0) & (sequence < SEQUENCES)).nonzero()[:, 0]
    owner = torch.full_like(sequence, -1).index_put_(
        (mine,), torch.arange(len(mine), device=mine.device)
    )
    slot = (owner[slots.edit] >= 0).nonzero()[:, 0]
    slot = slot[sequence[slots.edit[slot]].argsort(stable=True)]
    row = sequence[slots.edit[slot]]
    count = torch.bincount(row)
    length = int(edits.at[edits.context[mine]].max()) + 1
    column = (
        length
        + torch.arange(len(slot), device=row.device)
        - (count.cumsum(0) - count)[row]
    )
    shape = (len(count), length + int(count.max()))

    context = count.index_put((sequence[mine],), edits.context[mine])
    stream = edits.stream.new_zeros(*shape, edits.stream.shape[2])
    stream[:, :length] = edits.stream[context, :length]
    stream[row, column] = slots.stream[slot]
    position, owners = row.new_zeros(shape), row.new_full(shape, -2)
    position[:, :length], owners[:, :length] = (
        torch.arange(length, device=row.device),
        -1,
    )
    position[row, column], owners[row, column] = (
        slots.position[slot],
        owner[slots.edit[slot]],
    )
    changed = torch.zeros(
        len(mine), edits.stream.shape[1], dtype=torch.bool, device=row.device
    )
    changed[owner[slots.edit[slot]], slots.position[slot]] = True
    place = torch.empty_like(slots.key).index_put_((slot,), column)
    return Packed(
        stream, position, owners, changed, mine, sequence[mine], place[slots.read[mine]]
    )


def attention(model: OpenModel, layer: int, length: int) -> Tensor:
    """The mask [pos, pos] that the model hands to a block for a text of `length`;
    causal where it has none.

    True for "sees", or 0 for "sees" and a large negative number otherwise, as the model
    has it.
    """
    found: list[Tensor] = []

    def look(_: Any, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        given = [
            value for value in (*inputs, *named.values()) if isinstance(value, Tensor)
        ]
        found.extend(
            value[0, 0] for value in given if value.shape[2:] == (length, length)
        )
        raise Enough

    handle = model.blocks[layer].register_forward_pre_hook(look, with_kwargs=True)
    try:
        with torch.no_grad(), suppress(Enough):
            model.model(
                torch.full((1, length), model.bos, device=model.device), use_cache=False
            )
    finally:
        handle.remove()
    return found[0] if found else torch.ones(length, length, dtype=torch.bool).tril()
