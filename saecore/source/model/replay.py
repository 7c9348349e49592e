"""The mechanics of replay: a decoder's pass without what an edit does not need.

Blocks below the layer are passed over and a given stream goes on; the output layer
gives the logits of some tokens alone; earlier positions keep their keys and values; and
where only the last position is asked for, the others are left out of what comes last.
`saecore.source.model.resume` puts these together, and checks them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from functools import partial
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from saecore.source.model.language_model import OpenModel

_SAME = 1e-5
"""Difference up to which two logits count as equal, of the largest."""
REMEMBERED = 1024
"""Tokens whose keys and values are kept from one edit to the next."""


@contextmanager
def replayed(
    blocks: Sequence[nn.Module],
    layer: int,
    stream: Float[Tensor, "seq pos d_model"],
    *,
    in_tuple: bool,
) -> Iterator[None]:
    """While open, blocks up to `layer` compute nothing; `stream` comes after it.

    `in_tuple`: whether a block of this model returns its stream in a tuple (see
    `tuples`).
    """

    given = (stream,) if in_tuple else stream
    with ExitStack() as stack:
        for block in blocks[:layer]:
            stack.enter_context(_forward(block, partial(_passed, in_tuple)))
        stack.enter_context(_forward(blocks[layer], lambda *_, **__: given))
        yield


def _passed(in_tuple: bool, *inputs: Any, **named: Any) -> Any:
    """What a block gives that hands on its stream."""
    stream = inputs[0] if inputs else named["hidden_states"]
    return (stream,) if in_tuple else stream


@contextmanager
def only(head: nn.Module, tokens: Int[Tensor, " token"]) -> Iterator[None]:
    """While open, an output layer gives the logits of `tokens` alone, in that order."""
    weight, bias = getattr(head, "weight"), getattr(head, "bias", None)  # noqa: B009
    some, offset = weight[tokens], None if bias is None else bias[tokens]
    with _forward(head, lambda hidden: functional.linear(hidden, some, offset)):
        yield


class Past:
    """The keys and values of what comes before a position, for many edits after it.

    Sequences that begin alike are read once, and once for all edits where that is at
    most `REMEMBERED` tokens.
    """

    def __init__(self, model: Any, begun: Int[Tensor, "seq pos"], *, above: int):
        self._model, self._begun, self._above = model, begun, above
        self._kept: tuple[Any, Tensor] | None = None

    def cache(self, which: slice | Int[Tensor, " copy"]) -> Any:
        """A key-value cache that a pass of `begun[which]` goes on from, and adds to;
        up to the layer `above`, whose blocks are passed over, of any sequences.
        """
        if self._kept is None:
            distinct, copy = self._begun.unique(dim=0, return_inverse=True)
            if distinct.numel() > REMEMBERED:
                return self._read(self._begun[which])
            self._kept = _cache_of(self._model, distinct), copy
        return _selected(deepcopy(self._kept[0]), self._kept[1][which], self._above)

    def _read(self, begun: Tensor) -> Any:
        distinct, copy = begun.unique(dim=0, return_inverse=True)
        return _selected(_cache_of(self._model, distinct), copy, self._above)


def _cache_of(model: Any, tokens: Tensor) -> Any:
    from transformers import DynamicCache

    cache: Any = DynamicCache(config=model.config)
    with torch.no_grad():
        model(tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return cache


def _selected(cache: Any, which: Tensor, above: int) -> Any:
    for layer in cache.layers[above + 1 :]:
        layer.batch_select_indices(which)
    return cache


@contextmanager
def tuples(block: nn.Module) -> Iterator[list[bool]]:
    """While open, notes of each pass whether `block` returns a tuple, not a stream.

    A tuple comes with the stream in older transformers.
    """
    found: list[bool] = []

    def look(_: nn.Module, __: Any, output: Any) -> None:
        found.append(isinstance(output, tuple))

    with block.register_forward_hook(look):
        yield found


@contextmanager
def last_alone(parts: Sequence[nn.Module]) -> Iterator[None]:
    """While open, each part computes its last position alone; others are zero."""
    with ExitStack() as stack:
        for part in parts:
            hooks = _LastAlone()
            stack.enter_context(part.register_forward_pre_hook(hooks.enter))
            stack.enter_context(part.register_forward_hook(hooks.leave))
        yield


def needed_last(model: OpenModel, logits: Callable[[], Tensor]) -> list[nn.Module]:
    """The parts of the last block, and output layer, that need the last position alone.

    In the last block, other positions matter through the keys and values of the
    attention and through nothing else. Found by trying and not by name: `logits()` runs
    the model, on several texts; a part counts if what comes out is the same without its
    other positions. Attention does not, as later positions look at earlier ones, nor
    does a part that is given more or less than one stream [seq, pos, d_model]. The list
    is empty where the parts that count do not go together.
    """
    expected = logits()

    def same(parts: Sequence[nn.Module]) -> bool:
        try:
            with last_alone(parts):
                found = logits()
        except Exception:  # a part may refuse in any way of its own
            return False
        atol = _SAME * float(expected.abs().max())
        return torch.allclose(found, expected, rtol=0, atol=atol)

    candidates = [*model.blocks[-1].children(), model.model.get_output_embeddings()]
    alone = [part for part in candidates if same([part])]
    return alone if same(alone) else []


class _LastAlone:
    """Hooks of a part: all but the last position goes before, and is zero after."""

    def enter(self, part: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
        (stream,) = inputs
        self.length = stream.shape[1]
        return stream[:, -1:].contiguous()

    def leave(self, part: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        return functional.pad(output, (0, 0, self.length - 1, 0))


@contextmanager
def _forward(module: nn.Module, instead: Any) -> Iterator[None]:
    """While open, `module` computes `instead`; hooks cannot keep it from computing."""
    own = vars(module).get("forward")
    module.forward = instead
    try:
        yield
    finally:
        if own is None:
            del module.forward
        else:
            module.forward = own
