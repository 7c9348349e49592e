"""Hooks read the stream of a block, or change it, and are gone afterwards."""

import pytest
import torch

from saecore.source.model.hooks import Enough, blocks, captured, edited


def test_an_edit_that_changes_nothing_changes_nothing(model, tokens):
    assert torch.equal(
        model.logits(tokens, edit=(1, lambda stream: stream)), model.logits(tokens)
    )


def test_an_edit_at_one_position_leaves_earlier_positions_alone(model, tokens):
    def zero(stream):
        stream[:, 10] = 0
        return stream

    plain, changed = model.logits(tokens), model.logits(tokens, edit=(0, zero))
    assert torch.equal(changed[:, :10], plain[:, :10])
    assert not torch.allclose(changed[:, 11:], plain[:, 11:])
    assert torch.equal(model.logits(tokens), plain)  # the hook is gone


def test_a_model_without_blocks_is_refused():
    with pytest.raises(ValueError, match=r"blocks in an nn\.ModuleList"):
        blocks(torch.nn.Linear(2, 2))


def test_the_stream_is_kept_until_the_last_block_that_is_wanted(model, tokens):
    stack = blocks(model.model)
    run = []
    handles = [
        block.register_forward_hook(lambda *_, n=n: run.append(n))
        for n, block in enumerate(stack)
    ]
    with (
        captured({0: stack[0], 2: stack[2]}, before=False) as found,
        pytest.raises(Enough),
    ):
        model.model(tokens)
    for handle in handles:
        handle.remove()
    assert 3 not in run
    torch.testing.assert_close(found, model.read(tokens, [0, 2]))


def test_before_a_block_stands_what_comes_after_the_one_below(model, tokens):
    stack = blocks(model.model)
    with captured({2: stack[2]}, before=True) as found, pytest.raises(Enough):
        model.model(tokens)
    torch.testing.assert_close(found[2], model.read(tokens, [1])[1])


def test_the_longest_list_of_modules_is_that_of_the_blocks(model):
    assert len(blocks(model.model)) == model.n_layers == 4


def test_a_change_gets_a_copy_and_other_outputs_pass_by():
    block = torch.nn.Identity()
    seen = torch.zeros(1, 2)
    with edited(block, lambda stream: stream.add_(1)):
        assert block((seen, "more"))[0].tolist() == [[1, 1]]
        assert block((seen, "more"))[1] == "more"
    assert seen.tolist() == [[0, 0]]
    assert block(seen) is seen
