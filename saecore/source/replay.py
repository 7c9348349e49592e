"""Run only the upper blocks of a decoder: the lower ones are passed over, and a given stream goes on.

With keys and values of the earlier positions at hand, an edit of one position after one layer is then
computed from that position and that layer on, and nothing else.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional


@contextmanager
def replayed(
    blocks: Sequence[nn.Module], layer: int, stream: Float[Tensor, "seq pos d_model"], *, in_tuple: bool
) -> Iterator[None]:
    """While open, the blocks up to `layer` compute nothing and `stream` is what comes after `layer`.

    `in_tuple`: whether a block of this model returns its stream in a tuple (see `gives_tuple`).
    """

    def wrapped(value: Tensor) -> Any:
        return (value,) if in_tuple else value

    def passed(*inputs: Any, **named: Any) -> Any:
        return wrapped(inputs[0] if inputs else named["hidden_states"])

    with ExitStack() as stack:
        for block in blocks[:layer]:
            stack.enter_context(_forward(block, passed))
        stack.enter_context(_forward(blocks[layer], lambda *inputs, **named: wrapped(stream)))
        yield


@contextmanager
def only(head: nn.Module, tokens: Int[Tensor, "token"]) -> Iterator[None]:
    """While open, a model's output layer gives the logits of `tokens` alone, in that order."""
    weight, bias = getattr(head, "weight"), getattr(head, "bias", None)  # noqa: B009
    some, offset = weight[tokens], None if bias is None else bias[tokens]
    with _forward(head, lambda hidden: functional.linear(hidden, some, offset)):
        yield


def past(model: Any, tokens: Int[Tensor, "seq pos"], which: Int[Tensor, "copy"], *, above: int) -> Any:
    """The keys and values of `tokens`; in the layers above `above`, those of sequence which[c] for copy c."""
    from transformers import DynamicCache

    cache: Any = DynamicCache(config=model.config)
    with torch.no_grad():
        model(tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
    for layer in cache.layers[above + 1 :]:
        layer.batch_select_indices(which)
    return cache


def gives_tuple(model: nn.Module, block: nn.Module, tokens: Int[Tensor, "seq pos"]) -> bool:
    """Whether `block` of this model returns a tuple (as in older transformers) or the stream itself."""
    found: list[bool] = []
    handle = block.register_forward_hook(lambda _, __, output: found.append(isinstance(output, tuple)))
    try:
        with torch.no_grad():
            model(tokens, use_cache=False)
    finally:
        handle.remove()
    return found[-1]


@contextmanager
def _forward(module: nn.Module, instead: Any) -> Iterator[None]:
    """While open, `module` computes `instead`; forward hooks cannot keep a module from computing."""
    own = vars(module).get("forward")
    module.forward = instead
    try:
        yield
    finally:
        if own is None:
            del module.forward
        else:
            module.forward = own
