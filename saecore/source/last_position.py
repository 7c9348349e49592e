"""Where only the last position is asked for, leave the others out of what comes last in a model.

In the last block, other positions matter through the keys and values of the attention and through nothing
else. Its MLP, and the output layer, need be computed at the last position alone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from saecore.source.language_model import OpenModel

SAME = 1e-5  # difference up to which two logits count as equal, of the largest


@contextmanager
def last_alone(parts: Sequence[nn.Module]) -> Iterator[None]:
    """While open, each of `parts` computes its last position alone, and gives zero at the others."""
    with ExitStack() as stack:
        for part in parts:
            enter, leave = _hooks()
            stack.enter_context(part.register_forward_pre_hook(enter))
            stack.enter_context(part.register_forward_hook(leave))
        yield


def needed_last(model: OpenModel, logits: Callable[[], Tensor]) -> list[nn.Module]:
    """The parts of the last block, and the output layer, of which `logits` asks for the last position alone.

    Found by trying and not by name: `logits()` runs the model, on several texts; a part counts if what
    comes out is the same without its other positions. Attention does not, as later positions look at
    earlier ones, nor does a part that is given more or less than one stream [seq, pos, d_model]. The list is
    empty where the parts that count do not go together.
    """
    expected = logits()

    def same(parts: Sequence[nn.Module]) -> bool:
        try:
            with last_alone(parts):
                found = logits()
        except Exception:  # a part may refuse in any way of its own; all positions need none of this
            return False
        return torch.allclose(found, expected, rtol=0, atol=SAME * float(expected.abs().max()))

    candidates = [*model.blocks[-1].children(), model.model.get_output_embeddings()]
    alone = [part for part in candidates if same([part])]
    return alone if same(alone) else []


def _hooks() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What comes before a part, and what after: all but the last position goes, and comes back as zero."""
    length: list[int] = []

    def enter(part: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
        (stream,) = inputs
        length[:] = [stream.shape[1]]
        return stream[:, -1:].contiguous()

    def leave(part: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        return functional.pad(output, (0, 0, length[0] - 1, 0))

    return enter, leave
