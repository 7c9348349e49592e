"""Packing: every edit finds its place, sees its own slots and the unedited stream, and
nobody else's.
"""

import torch
from torch import Tensor
from torch.testing import assert_close

from saecore.source.model.packed_edits import Edits, packed

LENGTH, D_MODEL = 9, 4


def edits(count=60, contexts=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    stream = torch.randn(
        contexts, LENGTH, D_MODEL, generator=generator, dtype=torch.float64
    )
    at = torch.randint(1, LENGTH, (contexts,), generator=generator)
    context = torch.randint(contexts, (count,), generator=generator)
    edit, position = (torch.rand(count, LENGTH, generator=generator) < 0.3).nonzero(
        as_tuple=True
    )
    twice = torch.arange(0, len(edit), 7)  # some positions are changed twice over
    edit, position = (
        torch.cat([edit, edit[twice]]),
        torch.cat([position, position[twice]]),
    )
    change = torch.randn(len(edit), D_MODEL, generator=generator, dtype=torch.float64)
    return Edits(stream, at, context, edit, position, change)


def attend(stream: Tensor, mask: Tensor) -> Tensor:
    """A block: attention by the mask [seq, 1, pos, pos], then something not linear."""
    scores = (stream @ stream.mT).masked_fill(~mask[:, 0], -torch.inf)
    return torch.tanh(stream + scores.softmax(-1) @ stream)


def whole(given: Edits, plain: Tensor) -> Tensor:
    """One edit after the other, each on a whole stream."""
    rows = []
    for e, context in enumerate(given.context.tolist()):
        stream = given.stream[context].clone()
        for c in (given.edit == e).nonzero()[:, 0].tolist():
            stream[given.position[c]] += given.change[c]
        rows.append(attend(stream[None], plain[None, None])[0, given.at[context]])
    return torch.stack(rows)


def by_packing(given: Edits, plain: Tensor) -> Tensor:
    out = torch.full((len(given.context), D_MODEL), torch.nan, dtype=torch.float64)
    for part in packed(given):
        out[part.edit] = attend(part.stream, part.mask(plain))[part.row, part.column]
    return out


def causal(window=LENGTH):
    return torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril().triu(1 - window)


def test_packed_edits_are_what_they_are_one_by_one(monkeypatch):
    for slots, sequences, window in (
        (128, 16, LENGTH),
        (5, 2, LENGTH),
        (1, 3, 3),
        (12, 1, 2),
    ):
        monkeypatch.setattr("saecore.source.model.packed_edits.SLOTS", slots)
        monkeypatch.setattr("saecore.source.model.packed_edits.SEQUENCES", sequences)
        given = edits(seed=slots)
        assert_close(by_packing(given, causal(window)), whole(given, causal(window)))


def test_an_added_mask_hides_what_a_boolean_one_does():
    given, plain = edits(), causal(4)
    added = torch.zeros(LENGTH, LENGTH).masked_fill(
        ~plain, torch.finfo(torch.float32).min
    )
    for part in packed(given):
        assert torch.equal(part.mask(added) == 0, part.mask(plain))


def test_every_edit_is_packed_once_and_every_slot_sees_something():
    given = edits()
    parts = list(packed(given))
    assert sorted(torch.cat([part.edit for part in parts]).tolist()) == list(range(60))
    assert all(part.mask(causal()).any(-1).all() for part in parts)


def test_positions_after_the_one_that_is_read_do_not_matter():
    given = edits()
    later = given.position > given.at[given.context[given.edit]]
    assert later.any()
    moved = given._replace(change=torch.where(later[:, None], 100.0, given.change))
    assert_close(by_packing(moved, causal()), by_packing(given, causal()))


def test_sequences_are_filled_and_hold_one_stream_each():
    few = sum(len(part.stream) for part in packed(edits(count=60)))
    assert few == 5  # one for each stream, as there is room
    for part in packed(edits()):
        assert (part.owner == -1).sum(1).unique().numel() == 1


def test_an_edit_without_changes_reads_the_stream_as_it_is():
    given = edits(count=3)
    none = given._replace(
        edit=given.edit[:0], position=given.position[:0], change=given.change[:0]
    )
    clean = attend(given.stream, causal()[None, None])
    assert_close(
        by_packing(none, causal()), clean[given.context, given.at[given.context]]
    )


def test_no_edits_make_no_sequences():
    given = edits(count=0)
    assert not list(packed(given))
